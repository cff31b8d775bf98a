/** Two calls of putWrites for one task of one checkpoint. */
import { commitBuilders } from './cairn-calls.js';
import { config, put } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

export const writeDropped: Reproduction = {
  id: 'write-dropped',
  breaks: 'law-5',
  statement: 'what a task writes in a second call is acknowledged and dropped',
  explanation:
    'A pending write is known by its position in the call that made it, and what is stored at a position stays. Whatever a ' +
    'task writes in a second call begins at position 0 again and is ignored. The loop of LangGraph.js makes one such call for ' +
    'a task; a custom loop, or a retry with another result, loses the second. Cairn knows a write by its key: other keys are ' +
    'added, and another value under a stored key is a conflict.',
  explains: ['law-5/put-writes-other-digest', 'law-4/put-writes-race-of-one-key'],
  peers: { MemorySaver: ['lookup'], SqliteSaver: ['lookup'], PostgresSaver: ['lookup'] },
  cairn: ['lookup', 'charge'],

  async onPeer(saver) {
    const id = await put(saver, 'a', { total: 1 });
    await saver.putWrites(config('a', id), [['lookup', 'order 17']], 'task');
    await saver.putWrites(config('a', id), [['charge', 'receipt 5']], 'task');
    const tuple = await saver.getTuple(config('a', id));
    return (tuple?.pendingWrites ?? []).map(([, channel]) => channel);
  },

  async onCairn(saver) {
    const { first, batch } = commitBuilders();
    const one = first();
    await saver.put(one);
    await saver.putWrites(batch(one, { taskId: 'task', writes: ['step/lookup'] }));
    await saver.putWrites(batch(one, { taskId: 'task', writes: ['step/charge'] }));
    return (await saver.get(one))?.writes
      .map(({ key }) => key.slice('step/'.length))
      .sort()
      .reverse();
  },
};
