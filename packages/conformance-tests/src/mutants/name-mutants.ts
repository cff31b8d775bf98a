/** Savers for which a name is more than data: a pattern, a path, a text to be folded. */
import type { CheckpointSaver, Namespace } from '@cairn/checkpoint-core';
import { listedThreads } from '../fixtures/reads.js';
import { altered, type Mutant } from './mutant.js';

export const nameMutants: readonly Mutant[] = [
  {
    id: 'delete-by-prefix',
    defect: 'deleteThread removes every thread whose id begins with the one it names.',
    caughtBy: ['law-7/delete-thread-hostile-ids', 'law-7/delete-thread-keeps-neighbours-whole'],
    apply: (saver) => deleting(saver, (id, named) => id.startsWith(named)),
  },
  {
    id: 'delete-by-pattern',
    defect: 'deleteThread reads `*` as a pattern.',
    caughtBy: ['law-7/delete-thread-hostile-ids'],
    apply: (saver) => deleting(saver, (id, named) => named === '*' || id === named),
  },
  {
    id: 'ids-without-case',
    defect: 'Thread ids are compared without regard to case.',
    caughtBy: ['law-7/put-hostile-threads'],
    apply: (saver) => renaming(saver, (threadId) => threadId.toLowerCase()),
  },
  {
    id: 'ids-normalised',
    defect: 'Thread ids that Unicode calls equivalent are one.',
    caughtBy: ['law-7/put-hostile-threads'],
    apply: (saver) => renaming(saver, (threadId) => threadId.normalize('NFC')),
  },
  {
    id: 'ids-trimmed',
    defect: 'Blanks at the end of a thread id do not count.',
    caughtBy: ['law-7/put-hostile-threads'],
    apply: (saver) => renaming(saver, (threadId) => threadId.trimEnd() || threadId),
  },
  {
    id: 'namespaces-joined',
    defect: 'Segments of a namespace are joined by a slash, so that two namespaces may be one.',
    caughtBy: ['law-7/put-hostile-namespaces'],
    apply(saver) {
      const joined = <T extends { readonly namespace: Namespace }>(at: T): T => ({
        ...at,
        namespace: at.namespace.length === 0 ? [] : [at.namespace.join('/')],
      });
      return altered(saver, {
        put: (commit) => saver.put(joined(commit)),
        putWrites: (batch) => saver.putWrites(joined(batch)),
        get: (address) => saver.get(joined(address)),
        list: (query) => saver.list(joined(query)),
        prune: (stream, drop) => saver.prune(joined(stream), drop),
      });
    },
  },
];

function deleting(saver: CheckpointSaver, isNamed: (id: string, named: string) => boolean): CheckpointSaver {
  return altered(saver, {
    async deleteThread(threadId) {
      await saver.deleteThread(threadId);
      for (const id of await listedThreads(saver)) if (isNamed(id, threadId)) await saver.deleteThread(id);
    },
  });
}

function renaming(saver: CheckpointSaver, rename: (threadId: string) => string): CheckpointSaver {
  const renamed = <T extends { readonly threadId: string }>(at: T): T => ({ ...at, threadId: rename(at.threadId) });
  return altered(saver, {
    put: (commit) => saver.put(renamed(commit)),
    putWrites: (batch) => saver.putWrites(renamed(batch)),
    get: (address) => saver.get(renamed(address)),
    list: (query) => saver.list(renamed(query)),
    deleteThread: (threadId) => saver.deleteThread(rename(threadId)),
  });
}
