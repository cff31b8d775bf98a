/** A task writes five bytes. */
import { commitBuilders } from './cairn-calls.js';
import { config, put, saysOf } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

const bytes = Uint8Array.of(0, 1, 2, 200, 255);

export const bytesInAWrite: Reproduction = {
  id: 'bytes-in-a-write',
  breaks: 'values',
  statement: 'bytes that a task wrote do not come back',
  explanation:
    'Bytes are stored as they are, marked `bytes`, and read by another way than the mark says. SqliteSaver casts the column ' +
    'to text and encodes that as UTF-8, so that every byte above 127 becomes three; MemorySaver parses the bytes as JSON, ' +
    'and every later read of the checkpoint throws. PostgresSaver returns them.',
  peers: {
    MemorySaver: 'SyntaxError',
    SqliteSaver: '0 1 2 239 191 189 239 191 189',
  },
  rightOn: ['PostgresSaver'],
  cairn: '0 1 2 200 255',

  async onPeer(saver) {
    const id = await put(saver, 'a', { total: 1 });
    await saver.putWrites(config('a', id), [['file', bytes]], 'task');
    const read = await saysOf(async () => {
      const tuple = await saver.getTuple(config('a', id));
      const [, , stored] = tuple?.pendingWrites?.[0] ?? [];
      return stored instanceof Uint8Array ? stored.join(' ') : String(stored);
    });
    return read.split(':')[0];
  },

  async onCairn(saver) {
    const { first, batch, write } = commitBuilders();
    const one = first();
    await saver.put(one);
    await saver.putWrites(batch(one, { writes: [write('update/0', bytes)] }));
    return [...((await saver.get(one))?.writes[0]?.bytes ?? [])].join(' ');
  },
};
