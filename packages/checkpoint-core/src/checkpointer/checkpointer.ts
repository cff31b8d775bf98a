/**
 * Values above the line: encodes, seals and commits what callers hand over, reads and verifies what savers return.
 *
 * Two ways in. `save`, `load`, `history` and the thread methods are for people with a loop of their own. `commit`,
 * `record`, `read` and `infos` are what graph-runtime is built from; they are public because somebody else's runtime
 * may be, too.
 */
import { type CheckpointAddress, checkAddress, checkThreadId } from '../address.js';
import { type Clock, systemClock } from '../clock.js';
import { ValueKeeper } from '../delta/value-keeper.js';
import type { EncodingOptions } from '../encoding/formats.js';
import { inThread } from '../errors/encoding-errors.js';
import { CheckpointNotFoundError, InvalidArgumentError, ThreadNotFoundError } from '../errors/storage-errors.js';
import type { ExpireReport, ExpireRequest } from '../retention/expire.js';
import type { RetentionOptions } from '../retention/policy.js';
import { type PruneRequest, Retention, type RetentionReport } from '../retention/retention.js';
import type { CheckpointSaver } from '../saver.js';
import { buildCommit, committedSnapshot, encodeChanges } from './commit.js';
import { compareStates, type StateDifference } from './compare.js';
import { encodeWrites } from './encode-writes.js';
import { type LoadedCheckpoint, type LoadRequest, type SavedCheckpoint, savedCheckpoint } from './loaded.js';
import { Maintenance } from './maintenance.js';
import { originOf } from './origin-of.js';
import { getWithKeys, openLoaded, openSnapshot } from './read.js';
import { RememberedHeads, type RememberOptions } from './remembered-heads.js';
import { RowCodec } from './row-codec.js';
import type { SaveRequest } from './save.js';
import type { CheckpointInfo, CheckpointSnapshot, CommitRequest, WriteRequest } from './snapshot.js';
import { StateSaver } from './state-saver.js';
import { findInfos, findThreads, type HistoryRequest, type ThreadInfo, type ThreadsRequest } from './threads.js';
import { get, put, putWrites } from './traced-saver.js';

export interface CheckpointerOptions extends EncodingOptions {
  readonly saver: CheckpointSaver;
  /** The source of `createdAt` and of checkpoint ids. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** How much of what was saved last is kept in memory, so that `save` need not read it; 0 for nothing. */
  readonly remember?: RememberOptions | 0 | undefined;
  /** Which old checkpoints of a thread are dropped as it goes on. Default: none are, until `prune` is called. */
  readonly retention?: RetentionOptions | undefined;
}

/** Saves and loads the state of threads on any saver. */
export class Checkpointer extends Maintenance {
  readonly clock: Clock;
  /** Copies and freezes values as `commit` does: a runtime keeps updates with it when they come in. */
  readonly keeper: ValueKeeper;
  readonly #codec: RowCodec;
  readonly #heads: RememberedHeads;
  readonly #states: StateSaver;
  readonly #retention: Retention;

  /** Does no I/O. @throws InvalidArgumentError without a saver, or when `remember` or `retention` has a bound that is none. */
  constructor(options: CheckpointerOptions) {
    if (typeof options?.saver !== 'object' || options.saver === null)
      throw new InvalidArgumentError('A Checkpointer needs { saver }, such as { saver: new SqliteSaver(path) }.');
    const codec = new RowCodec(options);
    super(options.saver, codec);
    this.clock = options.clock ?? systemClock;
    this.#codec = codec;
    this.keeper = new ValueKeeper(this.#codec.serializer);
    const { remember } = options;
    this.#heads = new RememberedHeads(remember === 0 ? { streams: 0 } : remember);
    this.#states = new StateSaver(this.#codec, this.clock, this.saver, this.#heads, (stream) =>
      originOf(this.saver, stream),
    );
    this.#retention = new Retention(this.#codec, this.saver, this.clock, options.retention);
  }

  /** True when what it stores is encrypted: what it was given is then not to be written down elsewhere either. */
  get isEncrypting(): boolean {
    return this.#codec.isEncrypting;
  }

  /**
   * Stores the whole state of a thread as its next checkpoint; only what changed is written.
   *
   * Without a `parentId` the state follows whatever is the head: what others saved meanwhile stays in the history, and this
   * is the state now. With one it is stored only if that checkpoint is still the head. The heads of the threads saved to
   * last are remembered (see `remember`), so that saving to them again is one call of the saver; the outcome is the same as
   * if the head had been read first.
   *
   * @throws UnserializableValueError with channel and path, before anything is stored.
   * @throws CheckpointConflictError with a `parentId`, when the thread has moved on; without, when others were faster twice.
   *   Load again, derive anew, save that.
   * @throws ThreadBusyError while a run holds the thread's lease.
   */
  async save(request: SaveRequest): Promise<SavedCheckpoint> {
    const { threadId, namespace = [], parentId } = request;
    checkAddress({ threadId, namespace, checkpointId: parentId });
    const commit = await this.#states.save(request).catch((error: unknown) => {
      throw inThread(error, threadId);
    });
    this.#retention.afterCommit(commit);
    return savedCheckpoint(commit, request.metadata ?? {});
  }

  /**
   * Loads a checkpoint's whole state; without an id, the latest.
   *
   * @returns undefined when the thread has no checkpoint.
   * @throws CheckpointNotFoundError when an id is given and there is no such checkpoint.
   * @throws CorruptCheckpointError when what is stored was damaged; nothing made from it is returned.
   */
  async load(request: LoadRequest): Promise<LoadedCheckpoint | undefined> {
    const { threadId, namespace = [], checkpointId } = request;
    const loaded = await this.#load({ threadId, namespace, checkpointId });
    if (loaded) return loaded;
    if (checkpointId === undefined) return undefined;
    throw new CheckpointNotFoundError(threadId, checkpointId, { namespace });
  }

  /**
   * What differs between two stored states, by channel and path: of one thread, or of two.
   *
   * Of lists and plain objects only the parts that differ are told; of lists, equal items at both ends are passed over, so
   * that what was appended or inserted is just that.
   *
   * @throws ThreadNotFoundError, CheckpointNotFoundError.
   */
  async diff(before: LoadRequest, after: LoadRequest): Promise<readonly StateDifference[]> {
    const [was, is] = [await this.load(before), await this.load(after)];
    if (was === undefined) throw new ThreadNotFoundError(before.threadId);
    if (is === undefined) throw new ThreadNotFoundError(after.threadId);
    return this.compare(was.values, is.values);
  }

  /** What differs between two states in hand, by channel and path, as {@link diff} says it of stored ones. */
  compare(
    before: Readonly<Record<string, unknown>>,
    after: Readonly<Record<string, unknown>>,
  ): readonly StateDifference[] {
    return compareStates(this.#codec, before, after);
  }

  /** Walks a stream's checkpoints with their states, newest first unless told otherwise; all branches. */
  async *history(request: HistoryRequest): AsyncGenerator<LoadedCheckpoint, void, undefined> {
    for await (const { threadId, namespace, checkpointId } of this.infos(request)) {
      const loaded = await this.#load({ threadId, namespace, checkpointId });
      // A checkpoint may be pruned between its listing and its reading.
      if (loaded) yield loaded;
    }
  }

  /** Walks a stream's checkpoints as {@link history} does, without loading their values; `before` reads that one whole. */
  async *infos(request: HistoryRequest): AsyncGenerator<CheckpointInfo, void, undefined> {
    yield* findInfos(this.#codec, this.saver, request, await this.#seqOf(request));
  }

  /** Lists threads by id, without loading any value: "which threads wait for a human?" is `{ status: 'interrupted' }`. */
  async *listThreads(request: ThreadsRequest = {}): AsyncGenerator<ThreadInfo, void, undefined> {
    yield* findThreads(this.#codec, this.saver, request);
  }

  /**
   * Copies a thread with its history into one that does not exist; both go on independently.
   *
   * @param upTo - the checkpoint at which the copy's stream ends; default everything.
   * @throws ThreadNotFoundError, ThreadExistsError, CheckpointNotFoundError.
   */
  async copyThread(from: string, to: string, upTo?: Omit<LoadRequest, 'threadId'>): Promise<void> {
    checkThreadId(from);
    checkThreadId(to);
    this.#heads.forgetThread(to);
    if (upTo === undefined) return this.saver.copyThread(from, to);
    const address: CheckpointAddress = {
      threadId: from,
      namespace: upTo.namespace ?? [],
      checkpointId: upTo.checkpointId,
    };
    checkAddress(address);
    return this.saver.copyThread(from, to, address);
  }

  /** Removes a thread whole; one that does not exist is a no-op. */
  async deleteThread(threadId: string): Promise<void> {
    checkThreadId(threadId);
    this.#heads.forgetThread(threadId);
    await this.saver.deleteThread(threadId);
  }

  /**
   * Drops the checkpoints that a retention lets go, of one thread or all, while runs may go on. Never a head, nor what a kept
   * checkpoint needs: a pruned thread resumes like one that was not.
   *
   * @throws InvalidArgumentError for a retention that is none; ThreadNotFoundError, CorruptCheckpointError for the one thread asked for.
   */
  prune(request: PruneRequest = {}): Promise<RetentionReport> {
    return this.#retention.prune(request);
  }

  /** Resolves once no thread is being pruned by the checkpointer's own `retention`: before closing the saver, or in a test. */
  settled(): Promise<void> {
    return this.#retention.settled();
  }

  /** Removes whole threads that nothing was written to for long, each under its lease; none that somebody uses. */
  expireThreads(request: ExpireRequest): Promise<ExpireReport> {
    return this.#retention.expire(request, (threadId) => this.#heads.forgetThread(threadId));
  }

  /**
   * Commits one checkpoint: its changed channels, its body, the thread's status and the removal of what it consumes.
   *
   * Of a channel that follows a value of the base only the difference is stored, and nothing where there is none.
   *
   * @returns the checkpoint as the base of the next commit; its values are the base's with the changes, frozen.
   * @throws UnserializableValueError with channel and path, before anything is stored.
   * @throws CheckpointConflictError, CheckpointNotFoundError, LeaseLostError, ThreadBusyError as the saver's `put`.
   */
  async commit(request: CommitRequest): Promise<CheckpointSnapshot> {
    try {
      const changes = encodeChanges(this.#codec, request);
      const currentKey = this.#codec.fetchCurrentKey();
      if (currentKey !== undefined) await currentKey;
      const built = buildCommit(this.#codec, this.clock, { ...request, drafts: changes.drafts });
      await put(this.saver, built.commit);
      this.#retention.afterCommit(built.commit);
      return committedSnapshot(request, built, changes);
    } catch (error) {
      throw inThread(error, request.threadId);
    }
  }

  /**
   * Records what one task wrote on top of a checkpoint.
   *
   * @throws UnserializableValueError with the write's key and path, before anything is stored.
   * @throws CheckpointConflictError, LeaseLostError, ThreadBusyError as the saver's `putWrites`.
   */
  async record(request: WriteRequest): Promise<void> {
    const { base, taskId, status, lease } = request;
    const { threadId, namespace, checkpointId } = base;
    const payloads = this.#encodeWrites(request);
    const currentKey = this.#codec.fetchCurrentKey();
    if (currentKey !== undefined) await currentKey;
    const writes = payloads.map(([key, payload]) => this.#codec.sealWrite(base, checkpointId, taskId, key, payload));
    const createdAt = this.clock.now();
    await putWrites(this.saver, { threadId, namespace, checkpointId, taskId, writes, status, createdAt, lease });
  }

  /** Reads a checkpoint whole and verified, with its pending writes; without an id, the head. Undefined if there is none. */
  async read(address: CheckpointAddress): Promise<CheckpointSnapshot | undefined> {
    checkAddress(address);
    const stored = await getWithKeys(this.#codec, this.saver, address);
    return stored && openSnapshot(this.#codec, stored);
  }

  #encodeWrites(request: WriteRequest): ReturnType<typeof encodeWrites> {
    try {
      return encodeWrites(this.#codec, request);
    } catch (error) {
      throw inThread(error, request.base.threadId);
    }
  }

  async #load(address: CheckpointAddress): Promise<LoadedCheckpoint | undefined> {
    checkAddress(address);
    const stored = await getWithKeys(this.#codec, this.saver, address);
    return stored && openLoaded(this.#codec, stored);
  }

  /**
   * A deep copy through the serializer: lossless, sharing nothing.
   *
   * @param root - what to call the value in an error.
   * @throws UnserializableValueError when the value can't be kept.
   */
  copy<T>(value: T, root = ''): T {
    return this.#codec.copy(root, value);
  }

  async #seqOf({ threadId, namespace = [], before }: HistoryRequest): Promise<number | undefined> {
    if (before === undefined) return undefined;
    const address = { threadId, namespace, checkpointId: before };
    checkAddress(address);
    const stored = await get(this.saver, address);
    if (stored === undefined) throw new CheckpointNotFoundError(threadId, before, { namespace });
    return stored.header.seq;
  }
}
