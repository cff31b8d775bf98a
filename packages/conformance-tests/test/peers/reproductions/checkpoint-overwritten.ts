/** A stored checkpoint, and another one that comes with its id. */
import { commitBuilders } from './cairn-calls.js';
import { config, put, saysOf } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

export const checkpointOverwritten: Reproduction = {
  id: 'checkpoint-overwritten',
  breaks: 'law-5',
  statement: 'a put with the id of a stored checkpoint replaces it without a word',
  explanation:
    'Checkpoints are upserted. Two writers that made the same id, or a retry that carries other values than the first ' +
    'attempt, leave whichever came last. PostgresSaver replaces metadata and keeps the values of the first, so that ' +
    'what is read back was never written.',
  explains: ['law-2/put-id-taken', 'law-5/put-other-digest'],
  peers: {
    MemorySaver: 'values of the second, metadata of the second',
    SqliteSaver: 'values of the second, metadata of the second',
    PostgresSaver: 'values of the first, metadata of the second',
  },
  cairn: 'CheckpointConflictError',

  async onPeer(saver) {
    const id = await put(saver, 'a', { total: 'first' }, { metadata: { attempt: 'first' } });
    await put(saver, 'a', { total: 'second' }, { id, metadata: { attempt: 'second' } });
    const tuple = await saver.getTuple(config('a', id));
    const metadata = tuple?.metadata as { readonly attempt?: string } | undefined;
    return `values of the ${tuple?.checkpoint.channel_values['total']}, metadata of the ${metadata?.attempt}`;
  },

  async onCairn(saver) {
    const { first } = commitBuilders();
    const one = first();
    await saver.put(one);
    const second = await saysOf(() => saver.put(first({ threadId: one.threadId, checkpointId: one.checkpointId })));
    return String(second).split(':')[0];
  },
};
