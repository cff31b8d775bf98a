/**
 * A saver stores the checkpoints of threads as rows of bytes. It keeps a few hard laws and understands nothing.
 *
 * From that sentence follows the rest. A saver never decodes a value, never reads metadata, never calls user code:
 * encoding, deltas, versions, encryption and retention are decided above it, once, in core. So every saver behaves the
 * same, a saver of your own is a few hundred lines (the one on LevelDB, with maintenance and leases, about 600 of code), and
 * `@cairn/conformance-tests` can prove it.
 *
 * What holds for every method:
 *
 * - **Locked.** Each mutation of a thread first locks that thread's row, and every guard (lease, seq, parent, existence)
 *   is evaluated with the lock held, on fresh data. Checking first and writing later is the bug this field ships most.
 * - **Isolated.** What comes out is the caller's own copy; what went in can be changed afterwards without effect.
 * - **Exact.** Ids are data, never patterns, paths or property names; text compares bytewise (UTF-8). Core has refused
 *   invalid ids before a saver sees them.
 * - **Honest.** A lost connection, a full disk, a busy file is a `SaverUnavailableError` with `retryable`; a closed
 *   saver throws `SaverClosedError`. The stream is as it was or as committed, never between. A saver retries transient
 *   failures itself: every call is idempotent.
 * - **Self-made.** The first use makes the tables where there are none (unless told not to: `SchemaMissingError`), uses
 *   older compatible ones, and refuses newer breaking ones (`SchemaTooNewError`). Constructors do no I/O.
 * - **Thread by thread.** Every primary key begins with the thread id and no statement of a hot path spans two threads.
 *
 * A mutation's guards are evaluated in this order: is it a repeat (then it succeeds), the lease, the rest. A thread
 * exists once it has a checkpoint in any namespace; a lease alone makes none.
 *
 * Each law is checked by the conformance cases whose ids begin with the law's number and method, such as `law-2/put-…`.
 */
import type { CheckpointAddress, CheckpointId, StreamAddress } from './address.js';
import type { SaverCapabilities } from './capabilities.js';
import type { Lease, LeaseRequest } from './lease.js';
import type {
  CheckpointCommit,
  CheckpointHeader,
  Digest,
  ListQuery,
  PendingWriteBatch,
  PruneReport,
  RawRecord,
  StoredCheckpoint,
  ThreadQuery,
  ThreadSummary,
} from './records.js';

/** The contract between core and a store. See the module's comment for the laws all methods share. */
export interface CheckpointSaver {
  /** What this saver promises; must not change during its life. */
  readonly capabilities: SaverCapabilities;

  /**
   * Makes or migrates the tables. Optional, as the first use does it.
   *
   * **Idempotent**, and safe when many processes call it at once: all of them succeed.
   *
   * @throws SchemaTooNewError when a newer Cairn made the tables and this version would break them.
   */
  setup(): Promise<void>;

  /**
   * Waits for calls under way, then frees what the saver holds. Later calls, `close` excepted, throw `SaverClosedError`.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;

  /**
   * Advances a stream by one checkpoint: the only way a stream advances.
   *
   * **Atomic** (law 1): the header, the records, the thread's status and the removal of the pending writes it consumes
   * are there together or not at all, also after a crash at any instant.
   *
   * **Compare-and-set** (law 2): it wins only if the stream's last seq is `seq - 1` and `parentId` is the head (for
   * seq 1: the stream is empty and there is no parent). A commit marked `fork` may name any stored checkpoint of the
   * stream as its parent, and consumes nothing. The loser stores nothing; where a saver groups commits into one
   * transaction, the loser fails alone. Ids are unique in their stream. In a thread that exists, `origin` must be the
   * thread's, else it is a conflict too.
   *
   * **Leased** (law 3): with a `lease` token, the thread's lease must carry it and be live by the store's clock, and is
   * renewed for its time to live; without, no lease may be live.
   *
   * **Idempotent** (law 5): repeating a stored commit (same id, seq and digest) succeeds and changes nothing, whatever
   * has happened to head and lease since. The same seq or id with another digest is a conflict.
   *
   * **Counted**: the new head has no pending writes, and the count kept with the stream (`StoredHead.writes`) says so.
   *
   * @throws CheckpointConflictError with the actual head, when it lost.
   * @throws CheckpointNotFoundError when a fork's parent is not stored.
   * @throws LeaseLostError, ThreadBusyError by law 3.
   */
  put(commit: CheckpointCommit): Promise<void>;

  /**
   * Stores what one task wrote during the superstep that follows a checkpoint.
   *
   * Pending writes let a crashed superstep go on without running its finished tasks again.
   *
   * **Atomic**: every write of the batch and its status are visible, or none.
   * **Idempotent** (law 5): the key is (checkpoint, task, key); the same digest again is a no-op, another one a conflict
   * that stores nothing of the batch. A batch whose writes are all stored is a repeat: its status is not applied again.
   * **Counted**: the stream's count of its head's pending writes grows by those that were not stored yet, in the same
   * transaction.
   *
   * @param batch - the checkpoint, the task and its writes, each under a key of its own; no writes and a status sets the status alone, no
   *   writes and no status does nothing but check the guards.
   * @throws CheckpointConflictError when the checkpoint is not the head (a timed-out task's late write).
   * @throws CheckpointNotFoundError when the stream has no such checkpoint.
   * @throws LeaseLostError, ThreadBusyError by law 3.
   */
  putWrites(batch: PendingWriteBatch): Promise<void>;

  /**
   * Reads one checkpoint with all that is needed to decode its values, in one round trip and from one snapshot.
   *
   * Where the head is read, core refuses it (`CorruptCheckpointError`) unless it has as many pending writes as were counted.
   *
   * @param address - without a checkpoint id: the stream's head.
   * @returns undefined when there is no such checkpoint, stream or thread.
   * @throws CorruptCheckpointError when the stream is there and its head is not.
   */
  get(address: CheckpointAddress): Promise<StoredCheckpoint | undefined>;

  /**
   * Lists the headers of one stream, all its branches, in order of seq. Loads no values.
   *
   * **Ordered** (law 9): pages never skip or repeat a header while others write; what is committed during the listing may
   * or may not show.
   * **Isolated** (law 6): what the query says is settled when the call returns, before a header is asked for.
   */
  list(query: ListQuery): AsyncIterable<CheckpointHeader>;

  /**
   * Lists threads by thread id, bytewise (law 9); `running` without a live lease is reported as `abandoned`.
   *
   * **Isolated** (law 6): as {@link list}.
   */
  listThreads(query: ThreadQuery): AsyncIterable<ThreadSummary>;

  /**
   * Copies a thread below the line, atomically: rows as they are, the source's `origin` and status, no lease.
   *
   * @param upTo - where the copy of that stream ends: checkpoints with a greater seq, their records and writes are left
   *   out, it becomes the head, and the copy's status is the one its header carries. Without a checkpoint id: the head.
   *   Other streams are copied whole. Default: everything. The pending writes of a head made so are counted anew; any other
   *   head's count is copied, so that a write the source has lost is missed in the copy too.
   * @throws ThreadNotFoundError, ThreadExistsError, CheckpointNotFoundError; ThreadBusyError while somebody holds a lease
   *   on the target's id.
   */
  copyThread(from: string, to: string, upTo?: CheckpointAddress): Promise<void>;

  /**
   * Removes a thread; nothing of it remains in any table, its lease included, and no other thread is touched. A thread
   * that does not exist is a no-op.
   *
   * @throws ThreadBusyError while somebody's lease is live.
   */
  deleteThread(threadId: string): Promise<void>;

  /**
   * Drops checkpoints of one stream, their pending writes, and the records that no remaining checkpoint needs.
   *
   * Safe while runs go on: it needs no lease and never blocks a commit for long. The head, and ids that are not stored,
   * are passed over.
   */
  prune(stream: StreamAddress, drop: readonly CheckpointId[]): Promise<PruneReport>;

  /**
   * Takes the exclusive right to advance a thread; the thread need not exist yet.
   *
   * Asking again as the live lease's holder returns the same lease, renewed (an acknowledgement was lost).
   *
   * @throws ThreadBusyError while another holder's lease is live, unless `replace`.
   * @throws InvalidAddressError, InvalidArgumentError as `checkLeaseRequest`, before anything else.
   */
  acquireLease(threadId: string, request: LeaseRequest): Promise<Lease>;

  /**
   * Starts the lease's time anew, for `ttlMs` from now by the store's clock.
   *
   * @throws LeaseLostError when it expired, was replaced, or the thread was deleted.
   */
  renewLease(lease: Lease, ttlMs: number): Promise<Lease>;

  /** Gives the lease back. A lost lease: a no-op, also when somebody else holds the thread now. */
  releaseLease(lease: Lease): Promise<void>;
}

/** A saver whose rows can be walked, restored and rewritten: export, import, verify, stats and key rotation rest on it. */
export interface MaintainableSaver extends CheckpointSaver {
  /**
   * Every stored row with its clear fields, orphans too, of one thread or all: by thread id; in a thread its row, then
   * streams, checkpoints, records, writes.
   *
   * The rows of one thread are of one instant.
   *
   * @throws SaverUnavailableError, retryable, at the end of a thread that was written to meanwhile, where the saver could
   *   not hold that instant.
   */
  scan(threadId?: string): AsyncIterable<RawRecord>;

  /**
   * Stores scanned rows as a thread that does not exist, or in place of one; the rows' own thread ids are replaced by `threadId`. Visible
   * whole or not at all. Each head's pending writes are counted from the rows, which the thread's row count vouches for.
   *
   * @param lease - the token of the thread's live lease: the rows then take the place of whatever is stored of the thread,
   *   orphans too, in the same transaction, and no rows leave nothing. The lease stays. So a damaged thread is mended, and
   *   whoever reads it sees the old one or the new one.
   * @throws LeaseLostError, with a token, by law 3.
   * @throws ThreadExistsError, ThreadBusyError as `copyThread`; nothing is stored then, or when `rows` throws.
   * @throws CorruptCheckpointError when the rows are not all there: the thread's row count, or a stream's head, says more.
   */
  restore(threadId: string, rows: AsyncIterable<RawRecord>, lease?: string): Promise<void>;

  /**
   * Writes rows anew at the addresses they have, all or none: row i only if the digest (`rawDigest`) of what is stored
   * there is `expected[i]`. Needs no lease, since no meaning changes; a stream keeps its count of pending writes.
   *
   * @throws CheckpointConflictError when a row has changed or is gone; nothing is replaced then.
   */
  replace(threadId: string, rows: readonly RawRecord[], expected: readonly Digest[]): Promise<void>;
}

/** True when the saver declares, and so has, the maintenance methods. */
export function isMaintainable(saver: CheckpointSaver): saver is MaintainableSaver {
  return saver.capabilities.maintenance;
}
