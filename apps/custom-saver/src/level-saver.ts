/** The saver: each method of the contract, in the contract's order, over a {@link Store}. */
import {
  type CheckpointAddress,
  type CheckpointCommit,
  type CheckpointHeader,
  type CheckpointId,
  CorruptCheckpointError,
  checkBatch,
  checkKeysDistinct,
  checkLeaseRequest,
  checkLeaseTtl,
  checkPlace,
  conflict,
  type Digest,
  type Lease,
  LeaseLostError,
  type LeaseRequest,
  type ListQuery,
  type MaintainableSaver,
  type PendingWriteBatch,
  type PruneReport,
  quoteId,
  type RawRecord,
  RowTally,
  rawDigest,
  type SaverCapabilities,
  type StoredCheckpoint,
  type StreamAddress,
  ThreadNotFoundError,
  type ThreadQuery,
  type ThreadSummary,
} from '@cairn/checkpoint-core';
import {
  checkpointKey,
  idKey,
  keyOf,
  leaseKey,
  rawRows,
  recordKey,
  streamKey,
  threadKey,
  wholeThread,
  writeKey,
  writesOf,
} from './keys.js';
import { acquire, extend, guardLease, release } from './leases.js';
import { listHeaders, listThreads, threadIds } from './listings.js';
import { type Changes, type Rows, Store } from './store.js';
import { checkFree, findCheckpoint, findHead, neededRecords } from './thread-reads.js';
import { cutAfter, prune, storeThread } from './whole-threads.js';

/** Keeps threads in a LevelDB database: a folder that one process has open at a time, with any number of savers on it. */
export class LevelSaver implements MaintainableSaver {
  readonly capabilities: SaverCapabilities = { permanence: 'disk', shared: 'instances', maintenance: true };
  readonly #store: Store;

  /** Does no I/O: the first call opens the folder, and makes it where there is none. */
  constructor(path: string) {
    this.#store = new Store(path);
  }

  async setup(): Promise<void> {
    await this.#store.read(() => undefined);
  }

  async close(): Promise<void> {
    await this.#store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async put(given: CheckpointCommit): Promise<void> {
    const commit = structuredClone(given);
    const { records, consumes, lease: token, fork, ...header } = commit;
    const { threadId, namespace, checkpointId, seq, parentId, origin, createdAt, status } = header;
    await this.#store.change(threadId, async (rows, changes) => {
      const stored = findCheckpoint(rows, commit, checkpointId);
      if (stored?.seq === seq && stored.digest === commit.digest) return;
      const lease = guardLease(rows, threadId, token);
      const thread = rows.get(threadKey(threadId));
      const parent = parentId === undefined ? undefined : findCheckpoint(rows, commit, parentId);
      checkPlace(commit, {
        head: findHead(rows, commit),
        origin: thread?.origin,
        isIdTaken: stored !== undefined,
        isParentStored: parent !== undefined,
      });

      const waiting = fork || parentId === undefined ? [] : await rows.list(writesOf(commit, parentId));
      const folded = waiting.filter(({ taskId }) => consumes === 'all' || consumes.includes(taskId));
      for (const write of folded) changes.del(keyOf(write));
      changes.put(checkpointKey(commit, seq), { kind: 'checkpoint', ...header });
      changes.put(idKey(commit, checkpointId), seq);
      for (const record of records) {
        changes.put(recordKey(commit, record.channel, seq), { kind: 'record', threadId, namespace, ...record });
      }
      const stream = { kind: 'stream', threadId, namespace, lastSeq: seq, headId: checkpointId } as const;
      changes.put(streamKey(commit), { ...stream, writes: 0 });
      const first = { kind: 'thread', threadId, origin, createdAt } as const;
      const rowCount = (thread?.rowCount ?? 0) + 1 + records.length - folded.length;
      changes.put(threadKey(threadId), { ...first, ...thread, status, updatedAt: createdAt, rowCount });
      if (lease !== undefined) extend(changes, lease, lease.ttlMs);
    });
  }

  async putWrites(given: PendingWriteBatch): Promise<void> {
    const batch = structuredClone(given);
    checkKeysDistinct(batch);
    const { threadId, namespace, checkpointId, taskId, writes, status, createdAt: updatedAt } = batch;
    await this.#store.change(threadId, (rows, changes) => {
      const known = rows.getAll(writes.map(({ key }) => writeKey(batch, checkpointId, taskId, key)));
      const digests = new Map(known.map(({ key, digest }) => [key, digest]));
      if (writes.length > 0 && writes.every(({ key, digest }) => digests.get(key) === digest)) return;
      guardLease(rows, threadId, batch.lease);
      const isStored = findCheckpoint(rows, batch, checkpointId) !== undefined;
      checkBatch(batch, { head: findHead(rows, batch), isStored, known });
      const [thread, stream] = [rows.get(threadKey(threadId)), rows.get(streamKey(batch))];
      if (thread === undefined || stream === undefined || (writes.length === 0 && status === undefined)) return;

      const fresh = writes.filter(({ key }) => !digests.has(key));
      for (const write of fresh) {
        const row = { kind: 'write', threadId, namespace, checkpointId, taskId, ...write } as const;
        changes.put(keyOf(row), row);
      }
      changes.put(streamKey(batch), { ...stream, writes: stream.writes + fresh.length });
      const rowCount = thread.rowCount + fresh.length;
      changes.put(threadKey(threadId), { ...thread, status: status ?? thread.status, updatedAt, rowCount });
    });
  }

  async get(address: CheckpointAddress): Promise<StoredCheckpoint | undefined> {
    return this.#store.read(async (rows) => {
      const head = findHead(rows, address);
      if (head === undefined) return undefined;
      const header = findCheckpoint(rows, address, address.checkpointId ?? head.checkpointId);
      if (header === undefined && address.checkpointId === undefined) throw lostHead(address, head.checkpointId);
      if (header === undefined) return undefined;
      const records = rows.getAll(neededRecords(rows, header));
      return { header, head, records, writes: await rows.list(writesOf(address, header.checkpointId)) };
    });
  }

  list(query: ListQuery): AsyncIterable<CheckpointHeader> {
    return listHeaders(this.#store, structuredClone(query));
  }

  listThreads(query: ThreadQuery): AsyncIterable<ThreadSummary> {
    return listThreads(this.#store, structuredClone(query));
  }

  async copyThread(from: string, to: string, upTo?: CheckpointAddress): Promise<void> {
    const end = upTo && structuredClone(upTo);
    await this.#store.change(to, async (rows, changes) => {
      // Not locked: a snapshot shows the source whole, and two copies between two threads can't wait for each other.
      const source = await rows.list(rawRows(from));
      if (source[0]?.kind !== 'thread') throw new ThreadNotFoundError(from);
      checkFree(rows, to);
      storeThread(changes, to, end ? cutAfter(source, end) : source);
    });
  }

  async deleteThread(threadId: string): Promise<void> {
    await this.#store.change(threadId, async (rows, changes) => {
      guardLease(rows, threadId);
      for (const key of await rows.keys(wholeThread(threadId))) changes.del(key);
    });
  }

  async prune(stream: StreamAddress, drop: readonly CheckpointId[]): Promise<PruneReport> {
    const { at, ids } = structuredClone({ at: stream, ids: drop });
    return this.#store.change(at.threadId, (rows, changes) => prune(rows, changes, at, ids));
  }

  async acquireLease(threadId: string, request: LeaseRequest): Promise<Lease> {
    checkLeaseRequest(threadId, request);
    const own = { ...request };
    return this.#store.change(threadId, (rows, changes) => acquire(rows, changes, threadId, own));
  }

  async renewLease({ threadId, token }: Lease, ttlMs: number): Promise<Lease> {
    checkLeaseTtl(ttlMs);
    return this.#store.change(threadId, (rows, changes) => {
      const live = guardLease(rows, threadId, token);
      if (live === undefined) throw new LeaseLostError(threadId);
      return extend(changes, live, ttlMs);
    });
  }

  async releaseLease(lease: Lease): Promise<void> {
    const own = { ...lease };
    await this.#store.change(own.threadId, (rows, changes) => release(rows, changes, own));
  }

  async *scan(threadId?: string): AsyncIterable<RawRecord> {
    this.#store.checkOpen();
    for await (const id of threadId === undefined ? threadIds(this.#store) : [threadId]) {
      const rows = await this.#store.read((rows) => rows.list(rawRows(id)));
      yield* rows.map(toRaw);
    }
  }

  async restore(threadId: string, rows: AsyncIterable<RawRecord>, lease?: string): Promise<void> {
    this.#store.checkOpen();
    const all: RawRecord[] = [];
    const tally = new RowTally();
    for await (const row of rows) {
      tally.add(row);
      all.push(toRaw(structuredClone(row)));
    }
    tally.checkWhole(threadId);
    await this.#store.change(threadId, async (stored, changes) => {
      if (lease === undefined) checkFree(stored, threadId);
      else await clearThread(stored, changes, threadId, lease);
      storeThread(changes, threadId, all);
    });
  }

  async replace(threadId: string, rows: readonly RawRecord[], expected: readonly Digest[]): Promise<void> {
    const own = rows.map((row) => ({ ...structuredClone(row), threadId }));
    const digests = [...expected];
    await this.#store.change(threadId, (stored, changes) => {
      for (const [i, row] of own.entries()) {
        const old = stored.get(keyOf(row));
        if (old === undefined || rawDigest(old) !== digests[i]) {
          throw conflict(
            `A ${row.kind} to be rewritten has changed or is gone.`,
            { threadId, namespace: [] },
            undefined,
          );
        }
        // What is not the contract's stays: a stream's count of pending writes.
        changes.put(keyOf(row), { ...old, ...row });
      }
    });
  }
}

/** Makes room for another thread under the lease, which stays. @throws LeaseLostError */
async function clearThread(rows: Rows, changes: Changes, threadId: string, lease: string): Promise<void> {
  guardLease(rows, threadId, lease);
  for (const key of await rows.keys(wholeThread(threadId))) if (key !== leaseKey(threadId)) changes.del(key);
}

/** A stream's row as the contract has it: without the count, which a restore makes anew. */
function toRaw(row: RawRecord): RawRecord {
  if (row.kind !== 'stream') return row;
  const { kind, threadId, namespace, lastSeq, headId } = row;
  return { kind, threadId, namespace, lastSeq, headId };
}

function lostHead({ threadId }: CheckpointAddress, headId: string): CorruptCheckpointError {
  return new CorruptCheckpointError(
    `Thread ${quoteId(threadId)} has lost its head, checkpoint ${quoteId(headId)}. Restore a backup of it.`,
    { threadId, checkpointId: headId },
  );
}
