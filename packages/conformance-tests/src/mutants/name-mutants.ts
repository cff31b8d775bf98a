/** Savers for which a name is more than data: a pattern, a path, a text to be folded. */
import type { CheckpointSaver, Namespace, StreamAddress } from '@cairn/checkpoint-core';
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
  {
    id: 'namespaces-by-prefix',
    defect: 'Reads, listings and prunes of a namespace also meet the namespaces that begin with it.',
    caughtBy: ['law-7/put-hostile-namespaces', 'law-7/prune-hostile-namespaces', 'method/prune-one-stream'],
    apply: byPrefix,
  },
];

function byPrefix(saver: CheckpointSaver): CheckpointSaver {
  const streams = new Map<string, StreamAddress>();
  const nested = ({ threadId, namespace }: StreamAddress): StreamAddress[] =>
    [...streams.values()].filter(
      (each) =>
        each.threadId === threadId &&
        each.namespace.length > namespace.length &&
        namespace.every((segment, depth) => each.namespace[depth] === segment),
    );
  return altered(saver, {
    async put(commit) {
      await saver.put(commit);
      const { threadId, namespace } = commit;
      streams.set(JSON.stringify([threadId, namespace]), { threadId, namespace });
    },
    async get(address) {
      let stored = await saver.get(address);
      for (const stream of nested(address)) stored ??= await saver.get({ ...address, ...stream });
      return stored;
    },
    async *list(query) {
      yield* saver.list(query);
      for (const stream of nested(query)) yield* saver.list({ ...query, ...stream });
    },
    async prune(stream, drop) {
      const report = await saver.prune(stream, drop);
      for (const each of nested(stream)) await saver.prune(each, drop);
      return report;
    },
  });
}

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
