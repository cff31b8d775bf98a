/** A thread of a saver, written under one lease: each write carries its token, and after a loss nothing is written. */
import {
  type Checkpointer,
  type CheckpointSnapshot,
  type Clock,
  type CommitRequest,
  hasCode,
  type ValueKeeper,
  type WriteRequest,
} from '@cairn/checkpoint-core';
import type { RunStorage } from './run-storage.js';

export class LeasedStorage implements RunStorage {
  readonly durable = true;
  readonly clock: Clock;
  readonly keeper: ValueKeeper;
  readonly #checkpointer: Checkpointer;
  readonly #token: string;
  readonly #end: AbortController;
  readonly #writing = new Set<Promise<unknown>>();

  /** @param end - aborted when the run is to end; a write that finds the lease lost aborts it. */
  constructor(checkpointer: Checkpointer, token: string, end: AbortController) {
    this.#checkpointer = checkpointer;
    this.#token = token;
    this.#end = end;
    this.clock = checkpointer.clock;
    this.keeper = checkpointer.keeper;
  }

  commit(request: Omit<CommitRequest, 'lease'>): Promise<CheckpointSnapshot> {
    return this.#write(() => this.#checkpointer.commit({ ...request, lease: this.#token }));
  }

  record(request: Omit<WriteRequest, 'lease'>): Promise<void> {
    return this.#write(() => this.#checkpointer.record({ ...request, lease: this.#token }));
  }

  /** Waits for the writes under way, which need the lease. */
  async settled(): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing);
  }

  async #write<T>(write: () => Promise<T>): Promise<T> {
    this.#end.signal.throwIfAborted();
    const writing = write();
    this.#writing.add(writing);
    try {
      return await writing;
    } catch (error) {
      if (hasCode(error, 'CAIRN_LEASE_LOST')) this.#end.abort(error);
      throw error;
    } finally {
      this.#writing.delete(writing);
    }
  }
}
