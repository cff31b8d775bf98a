/** The first call to a new store is a deletion. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { saysOf } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

export const deleteNeedsTables: Reproduction = {
  id: 'delete-needs-tables',
  breaks: 'method',
  statement: 'deleteThread on a new file throws',
  explanation:
    'Every other method makes the tables when they are not there. A service that removes a thread before it has stored one, ' +
    'as a retention job does on a fresh deployment, fails.',
  upstream: [['LangGraph #8555 (the same in Python, mended)', 'https://github.com/langchain-ai/langgraph/pull/8555']],
  explains: ['method/delete-thread-unknown'],
  peers: { SqliteSaver: 'SqliteError: no such table: checkpoints' },
  rightOn: ['MemorySaver'],
  cairn: 'done',

  async onPeer(saver) {
    return (await saysOf(() => saver.deleteThread('a'))) ?? 'done';
  },

  async onCairn(saver) {
    return (await saysOf(() => new Checkpointer({ saver }).deleteThread('a'))) ?? 'done';
  },
};
