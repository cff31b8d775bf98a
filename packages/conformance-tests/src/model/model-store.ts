/**
 * A store as plain data: the contract's meaning without locks, disks or bytes of its own. Random sequences are compared
 * with it, and so is what a killed process leaves behind.
 *
 * A call that a saver must refuse changes nothing here, and is answered with every error code that its faults allow.
 */
import {
  type CheckpointAddress,
  type CheckpointCommit,
  compareText,
  type ErrorCode,
  namespaceKey,
  type PendingWriteBatch,
  type PruneReport,
  type StreamAddress,
} from '@cairn/checkpoint-core';
import { copiedThread, ModelStream, type ModelThread } from './model-thread.js';

/** The error codes one of which a call must fail with; none when it must succeed. */
export type Faults = readonly ErrorCode[];

const conflict: Faults = ['CAIRN_CHECKPOINT_CONFLICT'];
const notFound: Faults = ['CAIRN_CHECKPOINT_NOT_FOUND'];

export class ModelStore {
  readonly threads = new Map<string, ModelThread>();
  /** The token of each live lease; leases end here only when they are given back. */
  readonly leases = new Map<string, string>();

  stream({ threadId, namespace }: StreamAddress): ModelStream | undefined {
    return this.threads.get(threadId)?.streams.get(namespaceKey(namespace));
  }

  put(commit: CheckpointCommit): Faults {
    const { threadId, namespace, origin, createdAt, status } = commit;
    const thread = this.threads.get(threadId);
    const stream = this.stream(commit);
    const stored = stream?.find(commit.checkpointId);
    if (stored !== undefined && stored.seq === commit.seq && stored.digest === commit.digest) return [];
    const leaseFaults = this.#leaseFaults(threadId, commit.lease);
    if (leaseFaults.length > 0) return leaseFaults;
    const faults = placeFaults(commit, thread, stream);
    if (faults.length > 0) return faults;

    const { streams } = thread ?? { streams: new Map<string, ModelStream>() };
    const own = stream ?? new ModelStream(namespace);
    own.append(commit);
    streams.set(namespaceKey(namespace), own);
    this.threads.set(threadId, { origin, createdAt, ...thread, status, updatedAt: createdAt, streams });
    return [];
  }

  putWrites(batch: PendingWriteBatch): Faults {
    const { threadId, checkpointId, taskId, writes, status } = batch;
    const thread = this.threads.get(threadId);
    const stream = this.stream(batch);
    const waiting = stream?.writes.get(checkpointId) ?? [];
    const known = writes.map(({ key }) => waiting.find((each) => each.taskId === taskId && each.key === key));
    if (writes.length > 0 && writes.every(({ digest }, index) => known[index]?.digest === digest)) return [];
    const faults = this.#leaseFaults(threadId, batch.lease);
    if (faults.length > 0) return faults;
    if (thread === undefined || stream?.find(checkpointId) === undefined) return notFound;
    if (stream.head?.checkpointId !== checkpointId) return conflict;
    if (writes.some(({ digest }, index) => known[index] !== undefined && known[index].digest !== digest)) {
      return conflict;
    }
    if (writes.length === 0 && status === undefined) return [];
    const fresh = writes.filter((_, index) => known[index] === undefined).map((write) => ({ taskId, ...write }));
    stream.writes.set(checkpointId, [...waiting, ...fresh]);
    this.threads.set(threadId, { ...thread, status: status ?? thread.status, updatedAt: batch.createdAt });
    return [];
  }

  copyThread(from: string, to: string, upTo?: CheckpointAddress): Faults {
    const source = this.threads.get(from);
    const faults: ErrorCode[] = [];
    if (source === undefined) faults.push('CAIRN_THREAD_NOT_FOUND');
    if (this.threads.has(to)) faults.push('CAIRN_THREAD_EXISTS');
    if (this.leases.has(to)) faults.push('CAIRN_THREAD_BUSY');
    if (source === undefined || faults.length > 0) return faults;
    const copy = copiedThread(source, to, upTo);
    if (copy === undefined) return notFound;
    this.threads.set(to, copy);
    return [];
  }

  deleteThread(threadId: string): Faults {
    if (this.leases.has(threadId)) return ['CAIRN_THREAD_BUSY'];
    this.threads.delete(threadId);
    return [];
  }

  /** What a prune must report. It is never refused. */
  prune(address: StreamAddress, drop: readonly string[]): PruneReport {
    const stream = this.stream(address);
    return stream?.prune(drop) ?? { checkpoints: 0, records: 0, writes: 0, bytes: 0 };
  }

  /** The threads in the order that `listThreads` gives them. */
  threadIds(): string[] {
    return [...this.threads.keys()].sort(compareText);
  }

  #leaseFaults(threadId: string, token: string | undefined): Faults {
    const live = this.leases.get(threadId);
    if (live === token) return [];
    return token === undefined ? ['CAIRN_THREAD_BUSY'] : ['CAIRN_LEASE_LOST'];
  }
}

function placeFaults(commit: CheckpointCommit, thread?: ModelThread, stream?: ModelStream): ErrorCode[] {
  const { checkpointId, seq, parentId, fork, origin } = commit;
  const head = stream?.head;
  const faults = new Set<ErrorCode>();
  if (stream?.find(checkpointId) !== undefined) faults.add('CAIRN_CHECKPOINT_CONFLICT');
  if (seq !== (head?.seq ?? 0) + 1) faults.add('CAIRN_CHECKPOINT_CONFLICT');
  if (thread !== undefined && thread.origin !== origin) faults.add('CAIRN_CHECKPOINT_CONFLICT');
  if (parentId !== head?.checkpointId) {
    if (!fork || parentId === undefined) faults.add('CAIRN_CHECKPOINT_CONFLICT');
    else if (stream?.find(parentId) === undefined) faults.add('CAIRN_CHECKPOINT_NOT_FOUND');
  }
  return [...faults];
}
