/** A thread of a saver, written under one lease: each write carries its token, and after a loss nothing is written. */
import {
  type CheckpointAddress,
  type Checkpointer,
  type CheckpointInfo,
  type CheckpointSnapshot,
  type Clock,
  type CommitRequest,
  hasCode,
  type Lease,
  type StreamAddress,
  type ValueKeeper,
  type WriteRequest,
} from '@cairn/checkpoint-core';
import { withMigration } from '../versions/adopt-checkpoint.js';
import { storageFailure } from './storage-failure.js';

export class LeasedStorage {
  readonly clock: Clock;
  readonly keeper: ValueKeeper;
  /** The lease's, for other systems to refuse a stale runner by. */
  readonly fence: number;
  readonly #checkpointer: Checkpointer;
  readonly #token: string;
  readonly #end: AbortController;
  #failed = false;
  #closing = false;

  /** @param end - aborted when the run is to end; a write that finds the lease lost aborts it. */
  constructor(checkpointer: Checkpointer, { token, fence }: Lease, end: AbortController) {
    this.#checkpointer = checkpointer;
    this.#token = token;
    this.#end = end;
    this.fence = fence;
    this.clock = checkpointer.clock;
    this.keeper = checkpointer.keeper;
  }

  read(address: CheckpointAddress): Promise<CheckpointSnapshot | undefined> {
    return this.#checkpointer.read(address).catch((error: unknown) => {
      throw storageFailure(error);
    });
  }

  async *infos(stream: StreamAddress): AsyncGenerator<CheckpointInfo, void, undefined> {
    try {
      yield* this.#checkpointer.infos(stream);
    } catch (error) {
      throw storageFailure(error);
    }
  }

  commit(request: Omit<CommitRequest, 'lease'>): Promise<CheckpointSnapshot> {
    return this.#write(() => this.#checkpointer.commit({ ...withMigration(request), lease: this.#token }));
  }

  record(request: Omit<WriteRequest, 'lease'>): Promise<void> {
    return this.#write(() => this.#checkpointer.record({ ...request, lease: this.#token }));
  }

  /**
   * Lets writes pass although the run was cancelled: the last ones, of what it had done before.
   *
   * @returns false once a write has failed or the lease is lost: then nothing more may be written.
   */
  letClose(): boolean {
    this.#closing = !this.#failed && !hasCode(this.#end.signal.reason, 'CAIRN_LEASE_LOST');
    return this.#closing;
  }

  async #write<T>(write: () => Promise<T>): Promise<T> {
    if (!this.#closing) this.#end.signal.throwIfAborted();
    try {
      return await write();
    } catch (error) {
      this.#failed = true;
      if (hasCode(error, 'CAIRN_LEASE_LOST')) this.#end.abort(error);
      throw storageFailure(error);
    }
  }
}
