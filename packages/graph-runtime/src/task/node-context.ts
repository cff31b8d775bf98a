/** What a node is handed beside the state: the only way for it to record, to ask, and to learn that it must stop. */
import type { Metadata } from '@cairn/checkpoint-core';
import type { InterruptDefinition } from './define-interrupt.js';

/** How a step is told from others of its name. */
export interface StepOptions {
  /** Tells the rounds of a loop apart: the item's id rather than its index, where items may move. */
  readonly key?: string;
}

export interface NodeContext {
  readonly threadId: string;
  readonly node: string;
  /** The same for every run of this task, also after a crash. */
  readonly taskId: string;
  /** 1 for the first run of the node's function, 2 for its first retry, … */
  readonly attempt: number;
  readonly metadata: Metadata;
  /**
   * Aborts when the attempt times out, the run is cancelled, or the thread's lease is lost; `reason` says which. Hand it
   * to whatever the node waits for.
   */
  readonly signal: AbortSignal;

  /**
   * Runs a side effect once and records what it returned: the result is on disk before this returns, and a later run of
   * the task gets it without calling `fn` again.
   *
   * A crash may still fall between the effect and its record. So hand {@link idempotencyKey} to what must not happen twice.
   *
   * @throws DuplicateStepError for a name (and key) used before in this run of the node.
   * @throws UnserializableValueError when the result can't be kept; it names the step.
   */
  step<T>(name: string, fn: () => T | Promise<T>): Promise<T>;
  step<T>(name: string, options: StepOptions, fn: () => T | Promise<T>): Promise<T>;

  /**
   * A text for other systems to recognise a repeat by: the same for every run of this task, also after a crash and on
   * another machine; different for every other task, name and thread.
   */
  idempotencyKey(name: string): string;

  /**
   * Asks somebody outside and suspends the node until `resume` brings the answer; the node then runs again from its
   * beginning, and this call returns it.
   *
   * It suspends by throwing: a `catch` around it must let {@link isInterrupt} errors pass.
   *
   * @throws InvalidPayloadError when the payload does not fit the definition.
   */
  interrupt<Payload, Answer>(definition: InterruptDefinition<Payload, Answer>, payload: Payload): Promise<Answer>;
  interrupt(payload: unknown): Promise<unknown>;
}
