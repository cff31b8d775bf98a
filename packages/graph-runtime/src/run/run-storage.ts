/** What a run keeps its progress in: a leased thread of a saver, or nothing at all. */
import type {
  CheckpointAddress,
  CheckpointInfo,
  CheckpointSnapshot,
  ChildPin,
  Clock,
  CommitRequest,
  StreamAddress,
  ValueKeeper,
  WriteRequest,
} from '@cairn/checkpoint-core';

/** A commit as a run asks for it: whose lease it carries is the storage's business. */
export interface RunCommit extends Omit<CommitRequest, 'lease'> {
  /**
   * Of the body's pins, those of calls in which something was asked: kept by a checkpoint that takes this superstep in, so that
   * who answers once more is told.
   */
  readonly asked?: readonly ChildPin[] | undefined;
}
export type RunWrite = Omit<WriteRequest, 'lease'>;

export interface RunStorage {
  /** False when nothing is kept: no interrupts then, and no resuming. */
  readonly durable: boolean;
  readonly clock: Clock;
  readonly keeper: ValueKeeper;
  /** The fence of the run's lease; 0 where there is none. */
  readonly fence: number;
  /** A stored checkpoint of the thread, whole; without an id, the stream's head. What is not stored yet is not found. */
  read(address: CheckpointAddress): Promise<CheckpointSnapshot | undefined>;
  /** The stored checkpoints of a stream without their values, newest first. */
  infos(stream: StreamAddress): AsyncIterable<CheckpointInfo>;
  /** Returns once the checkpoint is acknowledged, and with it all that {@link advance} was given before. */
  commit(request: RunCommit): Promise<CheckpointSnapshot>;
  /**
   * Closes a superstep. Returns the checkpoint to go on from, as soon as the run's durability lets it go on: the store may
   * have it already, or later, or have only one that follows it.
   */
  advance(request: RunCommit): Promise<CheckpointSnapshot>;
  /**
   * Calls `onStored` with the checkpoint that {@link advance} returned, once the store has it; never, where a later one took it in.
   *
   * @returns false for one that the store has already, without calling `onStored`.
   */
  whenStored(base: CheckpointSnapshot, onStored: (stored: CheckpointSnapshot) => Promise<void> | undefined): boolean;
  /** Returns once the writes are acknowledged, and with them the checkpoint they are on. */
  record(request: RunWrite): Promise<void>;
  /**
   * Keeps the update of a task that finished while others of its superstep run.
   *
   * @returns false where the run's durability does not store it now: then the superstep's end does.
   */
  recordFinished(request: RunWrite): Promise<boolean>;
  /**
   * As {@link record}, also in a run that was cancelled, and followed by others of its kind alone. What can't be written is given
   * up without an error.
   */
  recordLast(request: RunWrite): Promise<void>;
  /** Returns once all that was given is acknowledged. */
  flush(): Promise<void>;
}
