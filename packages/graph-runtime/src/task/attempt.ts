/** One attempt of a task as the parts of its context share it: what it may still do, what it has under way, what it threw. */
import { hasCode, InvalidArgumentError, quoteId, UnserializableValueError } from '@cairn/checkpoint-core';
import { type NodeErrorDetails, TaskEndedError } from '../errors/node-errors.js';
import type { RunWrite } from '../run/run-storage.js';
import { isStorageFailure } from '../run/storage-failure.js';
import type { Superstep } from '../superstep/superstep.js';
import type { TaskRecord } from './task-record.js';

export class Attempt {
  readonly superstep: Superstep;
  readonly task: TaskRecord;
  readonly signal: AbortSignal;
  readonly details: NodeErrorDetails;
  // Each is there from its first entry on: most attempts have none.
  #pending: Set<Promise<unknown>> | undefined;
  #recording: Set<Promise<unknown>> | undefined;
  #raised: Set<unknown> | undefined;
  #ended = false;
  #storageFailure: unknown;

  constructor(superstep: Superstep, task: TaskRecord, signal: AbortSignal) {
    this.superstep = superstep;
    this.task = task;
    this.signal = signal;
    const { id: taskId, node } = task.plan;
    this.details = { node, threadId: superstep.scope.threadId, taskId };
  }

  /** Marks an error as the context's own: a misuse or a failed record, which no further attempt cures. */
  raise<E>(error: E): E {
    if (typeof error !== 'object' || error === null) return error;
    this.#raised ??= new Set();
    this.#raised.add(error);
    if (isStorageFailure(error)) this.#storageFailure ??= error;
    return error;
  }

  /** The first failure of the store that the attempt met, whatever its node made of it. */
  get storageFailure(): unknown {
    return this.#storageFailure;
  }

  raised(error: unknown): boolean {
    return this.#raised?.has(error) === true;
  }

  misused(problem: string): InvalidArgumentError {
    const { node, threadId } = this.details;
    const where = `In node ${quoteId(node)} of thread ${quoteId(threadId ?? '')}`;
    return this.raise(new InvalidArgumentError(`${where}, ${problem}. No effect ran.`, this.details));
  }

  refuseWhenEnded(): void {
    this.signal.throwIfAborted();
    if (this.#ended) throw new TaskEndedError(this.details);
  }

  /** Notes what the node started: the attempt is not over before it is. */
  track<T>(promise: Promise<T>): Promise<T> {
    this.#pending ??= new Set();
    return noted(promise, this.#pending);
  }

  /** Notes a write under way, or what may write: the next attempt does not begin before it is done. */
  recording<T>(promise: Promise<T>): Promise<T> {
    this.#recording ??= new Set();
    return noted(promise, this.#recording);
  }

  /** True while something that the node started is not done. */
  get isBusy(): boolean {
    return this.#pending !== undefined && this.#pending.size > 0;
  }

  /** Waits for all that the node started and did not await. */
  async settled(): Promise<void> {
    while (this.#pending?.size) await Promise.allSettled(this.#pending);
  }

  /** From here on nothing more is recorded. */
  end(): void {
    this.#ended = true;
  }

  /** True while a record is under way, or what may write. */
  get isRecording(): boolean {
    return this.#recording !== undefined && this.#recording.size > 0;
  }

  /** Waits for the records under way, so that the next attempt finds them. */
  async recorded(): Promise<void> {
    await Promise.allSettled(this.#recording ?? []);
  }

  /** @throws UnserializableValueError that names `what` and the task. */
  keep(what: string, value: unknown): unknown {
    try {
      return this.superstep.scope.storage.keeper.keep(value);
    } catch (error) {
      if (!hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE')) throw error;
      const { reason, path } = (error as UnserializableValueError).under(what);
      throw this.raise(new UnserializableValueError(reason, { ...this.details, path }));
    }
  }

  /** Records writes of the task; they are on disk when this returns. */
  record(writes: RunWrite['writes']): Promise<void> {
    return this.recording(this.#record(writes));
  }

  async #record(writes: RunWrite['writes']): Promise<void> {
    const { scope, base } = this.superstep;
    try {
      await scope.storage.record({ base, taskId: this.task.plan.id, writes });
    } catch (error) {
      throw this.raise(error);
    }
    for (const { key, value } of writes) this.task.take(key, value);
  }
}

function noted<T>(promise: Promise<T>, under: Set<Promise<unknown>>): Promise<T> {
  const done = () => under.delete(promise);
  under.add(promise);
  promise.then(done, done);
  return promise;
}
