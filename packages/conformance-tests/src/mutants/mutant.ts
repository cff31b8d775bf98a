/** What a mutant is: a right saver with one defect, and the cases that say they would catch it. */
import { type CheckpointSaver, type Clock, isMaintainable, type MaintainableSaver } from '@cairn/checkpoint-core';
import type { FileOperation } from '../power-cut/file-operation.js';

/** One defect, such as today's savers have. */
export interface Mutant {
  /** Names the defect. */
  readonly id: string;
  /** What the mutant does wrong, as a sentence. */
  readonly defect: string;
  /** The ids of the cases that must fail on it. */
  readonly caughtBy: readonly string[];
  /** A saver that works through a right one, with the defect. */
  apply(saver: CheckpointSaver, clock: Clock): CheckpointSaver;
  /** For defects below the saver: which of its file operations are really made. Default: all. */
  readonly makesOperation?: (operation: FileOperation) => boolean;
}

/** A saver that does as `inner` does, but for the methods given. */
export function altered(inner: CheckpointSaver, methods: Partial<MaintainableSaver>): CheckpointSaver {
  const unaltered: CheckpointSaver = {
    capabilities: inner.capabilities,
    setup: () => inner.setup(),
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    put: (commit) => inner.put(commit),
    putWrites: (batch) => inner.putWrites(batch),
    get: (address) => inner.get(address),
    list: (query) => inner.list(query),
    listThreads: (query) => inner.listThreads(query),
    copyThread: (from, to, upTo) => inner.copyThread(from, to, upTo),
    deleteThread: (threadId) => inner.deleteThread(threadId),
    prune: (stream, drop) => inner.prune(stream, drop),
    acquireLease: (threadId, request) => inner.acquireLease(threadId, request),
    renewLease: (lease, ttlMs) => inner.renewLease(lease, ttlMs),
    releaseLease: (lease) => inner.releaseLease(lease),
  };
  return { ...unaltered, ...(isMaintainable(inner) ? maintenanceOf(inner) : {}), ...methods };
}

function maintenanceOf(inner: MaintainableSaver): Pick<MaintainableSaver, 'scan' | 'restore' | 'replace'> {
  return {
    scan: (threadId) => inner.scan(threadId),
    restore: (threadId, rows, lease) => inner.restore(threadId, rows, lease),
    replace: (threadId, rows, expected) => inner.replace(threadId, rows, expected),
  };
}
