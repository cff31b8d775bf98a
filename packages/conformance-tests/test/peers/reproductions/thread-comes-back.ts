/** A thread that is deleted while a run still goes on. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { commitBuilders } from './cairn-calls.js';
import { listed, put, saysOf } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

export const threadComesBack: Reproduction = {
  id: 'thread-comes-back',
  breaks: 'law-4',
  statement: 'a put that lands after deleteThread brings the thread back, with a parent that is gone',
  explanation:
    'A put does not look at what it goes on from. A run that was under way when its thread was deleted, because a person ' +
    'asked for their data to be removed, stores its next checkpoint all the same: the thread is there again, and its ' +
    'history begins with a checkpoint whose parent does not exist.',
  upstream: [['LangGraph #7206', 'https://github.com/langchain-ai/langgraph/issues/7206']],
  explains: ['law-4/delete-thread-race-with-put'],
  peers: {
    MemorySaver: '1 checkpoint, its parent gone',
    SqliteSaver: '1 checkpoint, its parent gone',
    PostgresSaver: '1 checkpoint, its parent gone',
  },
  cairn: 'CheckpointConflictError',

  async onPeer(saver) {
    const parent = await put(saver, 'a', { name: 'Ann' });
    await saver.deleteThread('a');
    await put(saver, 'a', { name: 'Ann' }, { parent, version: 2 });
    const [left] = await listed(saver, 'a');
    const isParentThere = left?.parentConfig !== undefined && (await saver.getTuple(left.parentConfig)) !== undefined;
    return `${(await listed(saver, 'a')).length} checkpoint, its parent ${isParentThere ? 'there' : 'gone'}`;
  },

  async onCairn(saver) {
    const { first, next } = commitBuilders();
    const one = first({ threadId: 'a' });
    await saver.put(one);
    await new Checkpointer({ saver }).deleteThread('a');
    const late = await saysOf(() => saver.put(next(one)));
    return String(late).split(':')[0];
  },
};
