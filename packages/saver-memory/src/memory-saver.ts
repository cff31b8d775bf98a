/**
 * The reference saver: the whole contract over Maps, in the shortest form that is right.
 *
 * Every mutation runs from its first guard to its last change without an await, which is all the lock and atomicity a
 * single process needs. Rows are kept as bytes, so what a disk would refuse fails here too.
 */
import type {
  CheckpointAddress,
  CheckpointCommit,
  CheckpointHeader,
  CheckpointId,
  Digest,
  Lease,
  LeaseRequest,
  ListQuery,
  MaintainableSaver,
  PendingWriteBatch,
  PruneReport,
  RawRecord,
  SaverCapabilities,
  StoredCheckpoint,
  StreamAddress,
  ThreadQuery,
  ThreadSummary,
} from '@cairn/checkpoint-core';
import {
  CorruptCheckpointError,
  checkBatch,
  checkKeysDistinct,
  checkLeaseRequest,
  checkLeaseTtl,
  checkPlace,
  compareText,
  conflict,
  quoteId,
  RowTally,
  rawDigest,
  SaverClosedError,
  ThreadExistsError,
  ThreadNotFoundError,
} from '@cairn/checkpoint-core';
import { checkpointRow, copyRecord, copyRow, copyWrite, recordRow } from './copies.js';
import { copyThread } from './copy-thread.js';
import { type MemoryDump, threadsOf } from './dump.js';
import { LeaseBook } from './lease-book.js';
import { listHeaders, listThreads } from './listings.js';
import { MemoryThread } from './memory-thread.js';
import { type MemorySaverOptions, maxThreadsOf } from './options.js';
import { prune } from './prune.js';
import { ownHeader } from './summarize.js';

/** Keeps threads in this process's memory; they end with it. */
export class MemorySaver implements MaintainableSaver {
  readonly capabilities: SaverCapabilities = { permanence: 'process', shared: 'no', maintenance: true };
  /** Least recently written first. */
  readonly #threads = new Map<string, MemoryThread>();
  /** The thread that stands last, unless it was deleted since. */
  #lastWritten: string | undefined;
  readonly #leases = new LeaseBook();
  readonly #maxThreads: number;
  #closed = false;

  /** @throws InvalidArgumentError when `maxThreads` is not a whole number of 1 or more. */
  constructor(options: MemorySaverOptions = {}) {
    this.#maxThreads = maxThreadsOf(options);
  }

  async setup(): Promise<void> {
    this.#checkOpen();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#threads.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async put(commit: CheckpointCommit): Promise<void> {
    this.#checkOpen();
    const { threadId, namespace, checkpointId, seq, parentId, origin, createdAt, status } = commit;
    const found = this.#threads.get(threadId);
    const known = found?.find(namespace);
    const stored = known?.checkpoint(checkpointId);
    if (stored?.seq === seq && stored.digest === commit.digest) return;
    const lease = this.#leases.check(threadId, commit.lease);
    checkPlace(commit, {
      head: known?.position,
      origin: found?.row?.origin,
      isIdTaken: stored !== undefined,
      isParentStored: commit.fork && parentId !== undefined && known?.checkpoint(parentId) !== undefined,
    });

    const thread = this.#keep(threadId, found ?? new MemoryThread());
    if (thread.row === undefined) {
      thread.set({ kind: 'thread', threadId, origin, status, createdAt, updatedAt: createdAt, rowCount: 0 });
    }
    const stream = known ?? thread.in(namespace);
    const consumed = commit.fork || parentId === undefined ? [] : stream.writesOn(parentId);
    const folded = consumed.filter(({ taskId }) => commit.consumes === 'all' || commit.consumes.includes(taskId));
    for (const write of folded) stream.remove(write);
    stream.set(checkpointRow(commit, threadId, stream.namespace));
    for (const record of commit.records) stream.set(recordRow(record, threadId, stream.namespace));
    stream.row = { kind: 'stream', threadId, namespace: stream.namespace, lastSeq: seq, headId: checkpointId };
    stream.headWrites = 0;
    thread.update({ status, updatedAt: createdAt }, 1 + commit.records.length - folded.length);
    if (lease) this.#leases.extend(lease);
  }

  async putWrites(batch: PendingWriteBatch): Promise<void> {
    this.#checkOpen();
    checkKeysDistinct(batch);
    const { threadId, namespace, checkpointId, taskId, writes, status } = batch;
    const thread = this.#threads.get(threadId);
    const known = writes.flatMap((write) => thread?.write(namespace, checkpointId, taskId, write.key) ?? []);
    const digests = new Map(known.map(({ key, digest }) => [key, digest]));
    if (writes.length > 0 && writes.every(({ key, digest }) => digest === digests.get(key))) return;
    this.#leases.check(threadId, batch.lease);
    const isStored = thread?.checkpoint(namespace, checkpointId) !== undefined;
    checkBatch(batch, { head: thread?.headPosition(namespace), isStored, known });

    if (thread === undefined || (writes.length === 0 && status === undefined)) return;
    this.#keep(threadId, thread);
    const fresh = writes.filter(({ key }) => !digests.has(key));
    for (const write of fresh) {
      thread.set(copyRow({ kind: 'write', threadId, namespace, checkpointId, taskId, ...write }));
    }
    thread.setHeadWrites(namespace, thread.headWrites(namespace) + fresh.length);
    thread.update({ updatedAt: batch.createdAt, ...(status && { status }) }, fresh.length);
  }

  async get(address: CheckpointAddress): Promise<StoredCheckpoint | undefined> {
    this.#checkOpen();
    const { threadId, namespace } = address;
    const thread = this.#threads.get(threadId);
    const stream = thread?.stream(namespace);
    if (thread === undefined || stream === undefined) return undefined;
    const { headId, lastSeq } = stream;
    const checkpoint = thread.checkpoint(namespace, address.checkpointId ?? headId);
    if (checkpoint === undefined && address.checkpointId === undefined) {
      throw new CorruptCheckpointError(
        `Thread ${quoteId(threadId)} has lost its head, checkpoint ${quoteId(headId)}. Restore a backup of it.`,
        { threadId, checkpointId: headId },
      );
    }
    return (
      checkpoint && {
        header: ownHeader(checkpoint, thread),
        head: { checkpointId: headId, seq: lastSeq, writes: thread.headWrites(namespace) },
        records: thread.recordsOf(checkpoint).map(copyRecord),
        writes: thread.writes(namespace, checkpoint.checkpointId).map(copyWrite),
      }
    );
  }

  list(query: ListQuery): AsyncIterable<CheckpointHeader> {
    return listHeaders(structuredClone(query), this.#threads, () => this.#checkOpen());
  }

  listThreads(query: ThreadQuery): AsyncIterable<ThreadSummary> {
    return listThreads(structuredClone(query), this.#threads, this.#leases, () => this.#checkOpen());
  }

  async copyThread(from: string, to: string, upTo?: CheckpointAddress): Promise<void> {
    this.#checkOpen();
    const source = this.#threads.get(from);
    if (source === undefined) throw new ThreadNotFoundError(from);
    this.#checkFree(to);
    this.#keep(to, copyThread(source, to, upTo));
  }

  async deleteThread(threadId: string): Promise<void> {
    this.#checkOpen();
    this.#leases.check(threadId, undefined);
    this.#threads.delete(threadId);
    this.#leases.forget(threadId);
  }

  async prune({ threadId, namespace }: StreamAddress, drop: readonly CheckpointId[]): Promise<PruneReport> {
    this.#checkOpen();
    return prune(this.#threads.get(threadId), namespace, drop);
  }

  async acquireLease(threadId: string, request: LeaseRequest): Promise<Lease> {
    checkLeaseRequest(threadId, request);
    this.#checkOpen();
    return this.#leases.acquire(threadId, request);
  }

  async renewLease(lease: Lease, ttlMs: number): Promise<Lease> {
    checkLeaseTtl(ttlMs);
    this.#checkOpen();
    return this.#leases.renew(lease, ttlMs);
  }

  async releaseLease(lease: Lease): Promise<void> {
    this.#checkOpen();
    this.#leases.release(lease);
  }

  async *scan(threadId?: string): AsyncIterable<RawRecord> {
    this.#checkOpen();
    const threadIds = threadId === undefined ? [...this.#threads.keys()].sort(compareText) : [threadId];
    for (const id of threadIds) {
      this.#checkOpen();
      // Taken at once, so that what is written meanwhile does not show.
      for (const row of this.#threads.get(id)?.rows() ?? []) {
        this.#checkOpen();
        yield copyRow(row);
      }
    }
  }

  /** Stores scanned rows as a thread that does not exist, or in place of one; see the contract. */
  restore(threadId: string, rows: AsyncIterable<RawRecord>, lease?: string): Promise<void>;
  /** Makes the store what it was when dumped; threads made since are gone, and so are all leases. */
  restore(dump: MemoryDump): Promise<void>;
  async restore(target: string | MemoryDump, rows?: AsyncIterable<RawRecord>, lease?: string): Promise<void> {
    this.#checkOpen();
    if (typeof target !== 'string') {
      // Built first, so that a dump that is none leaves the store as it is.
      const threads = threadsOf(target);
      this.#threads.clear();
      this.#leases.forgetAll();
      for (const [threadId, each] of threads) this.#keep(threadId, each);
      return;
    }
    const thread = new MemoryThread();
    const tally = new RowTally();
    for await (const row of rows ?? []) {
      tally.add(row);
      thread.set(copyRow(row, target));
    }
    this.#checkOpen();
    tally.checkWhole(target);
    thread.countHeadWrites();
    if (lease === undefined) this.#checkFree(target);
    else this.#leases.check(target, lease);
    if (thread.rows().length > 0) this.#keep(target, thread);
    else this.#threads.delete(target);
  }

  async replace(threadId: string, rows: readonly RawRecord[], expected: readonly Digest[]): Promise<void> {
    this.#checkOpen();
    const thread = this.#threads.get(threadId);
    const copies = rows.map((row) => copyRow(row, threadId));
    for (const [i, row] of copies.entries()) {
      const stored = thread?.at(row);
      if (stored === undefined || rawDigest(stored) !== expected[i]) {
        throw conflict(`A ${row.kind} to be rewritten has changed or is gone.`, { threadId, namespace: [] }, undefined);
      }
    }
    for (const row of copies) thread?.set(row);
  }

  /** A copy of every row, for tests: `restore` makes the store what it was. */
  dump(): MemoryDump {
    this.#checkOpen();
    return [...this.#threads.values()].flatMap((thread) => thread.rows().map((row) => copyRow(row)));
  }

  #checkOpen(): void {
    if (this.#closed) throw new SaverClosedError('This MemorySaver');
  }

  /** @throws ThreadExistsError, ThreadBusyError unless a thread may be made under this id. */
  #checkFree(threadId: string): void {
    if (this.#threads.has(threadId)) throw new ThreadExistsError(threadId);
    this.#leases.check(threadId, undefined);
  }

  /** Notes the thread as the one written last, and makes room for it when it is new. */
  #keep(threadId: string, thread: MemoryThread): MemoryThread {
    if (threadId === this.#lastWritten && this.#threads.get(threadId) === thread) return thread;
    this.#lastWritten = threadId;
    this.#threads.delete(threadId);
    for (const other of this.#threads.keys()) {
      if (this.#threads.size < this.#maxThreads) break;
      if (this.#leases.live(other) === undefined) this.#threads.delete(other);
    }
    this.#threads.set(threadId, thread);
    return thread;
  }
}
