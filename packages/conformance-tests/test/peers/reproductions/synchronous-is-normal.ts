/** What SQLite is told to do before it calls a commit done. */
import type { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import type { Reproduction } from './reproduction.js';

const levels = ['OFF', 'NORMAL', 'FULL', 'EXTRA'];

export const synchronousIsNormal: Reproduction = {
  id: 'synchronous-is-normal',
  statement: 'a power cut loses acknowledged checkpoints',
  explanation:
    'The saver turns the write-ahead log on and leaves `synchronous` at the default of its driver, which is NORMAL: a commit ' +
    'is acknowledged before it is synced. A killed process loses nothing; a machine that loses power loses the commits since ' +
    'the last checkpoint of the log, by the documentation of the engine. There is no option; one can only set the pragma on ' +
    'its `db` oneself.',
  upstream: [['SQLite on synchronous=NORMAL and WAL', 'https://www.sqlite.org/pragma.html#pragma_synchronous']],
  peers: { SqliteSaver: 'wal, NORMAL' },
  cairn: 'FULL unless asked otherwise, held by packages/saver-sqlite/test/close.test.ts',

  async onPeer(saver) {
    const { db } = saver as SqliteSaver;
    await saver.getTuple({ configurable: { thread_id: 'a' } });
    return `${db.pragma('journal_mode', { simple: true })}, ${levels[Number(db.pragma('synchronous', { simple: true }))]}`;
  },
};
