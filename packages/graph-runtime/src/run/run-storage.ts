/** What a run keeps its progress in: a leased thread of a saver, or nothing at all. */
import type { CheckpointSnapshot, Clock, CommitRequest, ValueKeeper, WriteRequest } from '@cairn/checkpoint-core';

export interface RunStorage {
  /** False when nothing is kept: no interrupts then, and no resuming. */
  readonly durable: boolean;
  readonly clock: Clock;
  readonly keeper: ValueKeeper;
  /** Returns once the checkpoint is acknowledged. */
  commit(request: Omit<CommitRequest, 'lease'>): Promise<CheckpointSnapshot>;
  /** Returns once the writes are acknowledged. */
  record(request: Omit<WriteRequest, 'lease'>): Promise<void>;
}
