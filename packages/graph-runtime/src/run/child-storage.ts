/**
 * The storage of one sub-graph's run: its thread's, into a stream of its own. The thread's status is its own graph's to
 * say, so a child leaves it running.
 */
import type { Namespace } from '@cairn/checkpoint-core';
import type { RunCommit, RunStorage, RunWrite } from './run-storage.js';

/**
 * @param origin - the thread's, which a stream that begins in it is bound to.
 */
export function childStorage(storage: RunStorage, namespace: Namespace, origin: string): RunStorage {
  const own = (request: RunCommit): RunCommit => ({ namespace, origin, ...request, status: 'running' });
  const { durable, clock, keeper, fence } = storage;
  return {
    durable,
    clock,
    keeper,
    fence,
    read: (address) => storage.read(address),
    infos: (stream) => storage.infos(stream),
    commit: (request) => storage.commit(own(request)),
    advance: (request) => storage.advance(own(request)),
    whenStored: (base, onStored) => storage.whenStored(base, onStored),
    record: async ({ status: _, ...request }: RunWrite) => {
      if (request.writes.length > 0) await storage.record(request);
    },
    recordFinished: (request) => storage.recordFinished(request),
    recordLast: ({ status: _, ...request }) => storage.recordLast(request),
    flush: () => storage.flush(),
  };
}
