/** A listing that asks for no rows. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { listed, put } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

export const limitZeroListsAll: Reproduction = {
  id: 'limit-zero-lists-all',
  breaks: 'law-9',
  statement: 'a limit of 0 lists everything',
  explanation:
    'The limit is added to the statement only where it is truthy. A caller that computes how many rows are left to show ' +
    'gets the whole thread, values included, when the answer is none.',
  explains: ['law-9/list-limit', 'law-8/list-filter-before-limit'],
  peers: { SqliteSaver: '3 of 3' },
  rightOn: ['MemorySaver', 'PostgresSaver'],
  cairn: '0 of 3',

  async onPeer(saver) {
    let parent = await put(saver, 'a', { total: 1 });
    for (let version = 2; version <= 3; version += 1)
      parent = await put(saver, 'a', { total: version }, { parent, version });
    return `${(await listed(saver, 'a', { limit: 0 })).length} of 3`;
  },

  async onCairn(saver) {
    const checkpointer = new Checkpointer({ saver });
    for (let total = 1; total <= 3; total += 1) await checkpointer.save({ threadId: 'a', values: { total } });
    let count = 0;
    for await (const _ of checkpointer.history({ threadId: 'a', limit: 0 })) count += 1;
    return `${count} of 3`;
  },
};
