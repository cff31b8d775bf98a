/** Six processes of a deployment that start at once, each of which sets up the tables. */
import { createTestDatabase, dropTestDatabase } from '@cairn/local-postgres';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import type { Reproduction } from './reproduction.js';

const processes = 6;
/** The race has to be met: on a busy machine one round may happen to run in turn. */
const rounds = 10;

export const setupRaces: Reproduction = {
  id: 'setup-races',
  breaks: 'law-10',
  statement: 'of several that call setup at once some fail',
  explanation:
    'Migrations are looked up and applied without a lock, and `CREATE … IF NOT EXISTS` is no protection against one that is ' +
    'under way: the engine reports a duplicate key in its own catalogue. Whoever starts several processes at once has to ' +
    'retry, or set up elsewhere first.',
  upstream: [
    ['LangGraph #6356', 'https://github.com/langchain-ai/langgraph/issues/6356'],
    ['LangGraph #7630', 'https://github.com/langchain-ai/langgraph/issues/7630'],
  ],
  peers: { PostgresSaver: 'some fail with 23505' },
  cairn: 'all succeed',

  async onPeer() {
    for (let round = 0; round < rounds; round += 1) {
      const database = await createTestDatabase();
      const { connectionString, schema } = database;
      const savers = Array.from({ length: processes }, () =>
        PostgresSaver.fromConnString(connectionString, { schema }),
      );
      const settled = await Promise.allSettled(savers.map((saver) => saver.setup()));
      await Promise.all(savers.map((saver) => saver.end()));
      await dropTestDatabase(database);
      const codes = settled.flatMap((each) =>
        each.status === 'rejected' ? [(each.reason as { code: string }).code] : [],
      );
      if (codes.includes('23505')) return 'some fail with 23505';
    }
    return 'all succeed';
  },

  async onCairn(saver) {
    const settled = await Promise.allSettled(Array.from({ length: processes }, () => saver.setup()));
    return settled.every(({ status }) => status === 'fulfilled') ? 'all succeed' : 'some fail';
  },
};
