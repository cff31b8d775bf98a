/** Names that are property names in JavaScript. */
import { commitBuilders } from './cairn-calls.js';
import { config, put, saysOf } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

export const reservedNames: Reproduction = {
  id: 'reserved-names',
  breaks: 'law-7',
  statement: 'some names of threads and channels are refused, mistaken, or make a thread unreadable',
  explanation:
    'MemorySaver keeps threads in plain objects and refuses the names that would reach a prototype, which is safe and ' +
    'differs from the other savers. In all of them the channel of a pending write is looked up in a plain object of special ' +
    'names: a channel called `constructor` is taken for one of those, with a function as its position. PostgresSaver casts the ' +
    'names of channels and tasks to bytes as the engine writes them, in which a backslash is special: such a checkpoint is ' +
    'accepted and can not be read.',
  explains: ['law-7/put-hostile-threads', 'law-7/delete-thread-hostile-ids', 'law-7/put-writes-hostile-tasks-and-keys'],
  peers: {
    MemorySaver: { thread: 'Error', constructor: '[["task","constructor",2]]', backslash: 'read' },
    SqliteSaver: { thread: 'stored', constructor: 'TypeError', backslash: 'read' },
    PostgresSaver: { thread: 'stored', constructor: 'error', backslash: 'error: invalid input syntax for type bytea' },
  },
  cairn: { thread: 'stored', constructor: 'constructor', backslash: 'read' },

  async onPeer(saver) {
    const thread = await saysOf(async () => ((await put(saver, '__proto__', { total: 1 })) ? 'stored' : ''));
    await put(saver, 'b', { 'a\\b': 1 });
    const backslash = await saysOf(async () => ((await saver.getTuple(config('b'))) ? 'read' : ''));
    const id = await put(saver, 'a', { total: 1 });
    const write = await saysOf(async () => {
      await saver.putWrites(config('a', id), [['constructor', 1]], 'task');
      await saver.putWrites(config('a', id), [['constructor', 2]], 'task');
      return JSON.stringify((await saver.getTuple(config('a', id)))?.pendingWrites);
    });
    return { thread: thread.split(':')[0], constructor: write.split(':')[0], backslash };
  },

  async onCairn(saver) {
    const { first, batch } = commitBuilders();
    const one = first({ threadId: '__proto__' });
    await saver.put(one);
    await saver.putWrites(batch(one, { taskId: 'task', writes: ['constructor'] }));
    const stored = await saver.get(one);
    const other = first({ changes: [{ channel: 'a\\b' }] });
    await saver.put(other);
    return {
      thread: stored === undefined ? '' : 'stored',
      constructor: stored?.writes.map(({ key }) => key).join(),
      backslash: (await saver.get(other)) ? 'read' : '',
    };
  },
};
