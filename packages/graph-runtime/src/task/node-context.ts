/** What a node is handed beside the state: the only way for it to record, to ask, and to learn that it must stop. */
import type { Metadata } from '@cairn/checkpoint-core';
import type { CompiledGraph } from '../graph/compiled-graph.js';
import type { AttemptPolicy } from '../graph/node.js';
import type { Channels } from '../state/channel.js';
import type { OnlyChannels, UpdatesOf, ValuesOf } from '../state/types.js';
import type { InterruptDefinition } from './define-interrupt.js';

/** How a step is told from others of its name. */
export interface StepKey {
  /** Tells the rounds of a loop apart: the item's id rather than its index, where items may move. */
  readonly key?: string | undefined;
}

/** How a step is told apart, and how its effect is tried: by default once, and for as long as it takes. */
export interface StepOptions extends StepKey, AttemptPolicy {}

/** What a step's effect is handed. */
export interface StepCall {
  /** Aborts when the step's `timeoutMs` is over, and whenever the node's own signal does. */
  readonly signal: AbortSignal;
  /** 1 for the effect's first call in this run of the node, 2 for its first retry, … */
  readonly attempt: number;
}

/** How a call of a sub-graph is told from others, and what it keeps. */
export interface CallOptions {
  /** Tells the calls of one task apart; needed for a second one, and in a loop: the item's id rather than its index. */
  readonly key?: string | undefined;
  /** Whether the sub-graph goes on, at each call, with the state that the node's last call left it with. Default false. */
  readonly remembers?: boolean | undefined;
}

/** May be taken apart: `async (state, { step, interrupt }) => …` works as `ctx.step` does. */
export interface NodeContext {
  readonly threadId: string;
  readonly node: string;
  /** The same for every run of this task, also after a crash. */
  readonly taskId: string;
  /** 1 for the first run of the node's function, 2 for its first retry, … */
  readonly attempt: number;
  readonly metadata: Metadata;
  /**
   * Grows with every run that takes over the thread. Hand it to other systems that remember the greatest they have seen, so
   * that they can refuse a runner that was replaced and does not know it yet. 0 without storage.
   *
   * The same for all of a run and greater after each resume, unlike {@link idempotencyKey}.
   */
  readonly fence: number;
  /**
   * Aborts when the attempt times out, the run is cancelled, or the thread's lease is lost; `reason` says which. Hand it
   * to whatever the node waits for.
   */
  readonly signal: AbortSignal;

  /**
   * Runs a side effect once and records what it returned: the result is on disk before this returns, and a later run of
   * the task gets it without calling `fn` again.
   *
   * A crash may still fall between the effect and its record; so may the attempt's time limit or a cancellation, after
   * which this effect may even be under way still while the next attempt repeats it. So hand {@link idempotencyKey} to
   * what must not happen twice.
   *
   * With `retry` and `timeoutMs` the effect is tried as a node is, without running the node again; a node's own retries come
   * on top, and find what other steps have recorded. Without them what `fn` throws comes out at once. What failed recorded
   * nothing, so the node may catch it and try the same name again.
   *
   * @param fn - is handed a signal and the number of its attempt.
   * @throws StepTimeoutError when its last attempt took too long.
   * @throws DuplicateStepError for a name (and key) used before in this run of the node.
   * @throws InvalidArgumentError without a function, or for a name or key that is no text or too long; no effect ran.
   * @throws UnserializableValueError when the result can't be kept; it names the step.
   */
  step<T>(this: void, name: string, fn: (call: StepCall) => T | Promise<T>): Promise<T>;
  step<T>(this: void, name: string, options: StepOptions, fn: (call: StepCall) => T | Promise<T>): Promise<T>;

  /**
   * The time, by core's clock, and in a later run of the task the time that it was in the first: calls are told apart by
   * their order.
   *
   * It costs nothing by itself: it is recorded with the next thing the task records, and before the next step's effect runs.
   * So what was recorded, asked, or done in a step has seen the time that a later run sees.
   */
  now(this: void): Date;

  /**
   * A number from 0 up to 1, without 1, that is the same in a later run of the task: calls are told apart by their order.
   *
   * Derived from where the task stands in its run, so it needs no record. It is as good as drawn, but no secret: whoever can
   * read the store can tell it.
   */
  random(this: void): number;

  /**
   * A text for other systems to recognise a repeat by: the same for every run of this task, also after a crash and on
   * another machine; different for every other task, name, key and thread.
   *
   * In a loop it needs the step's `key` as well:
   * `ctx.step('pay', { key: id }, () => pay(id, ctx.idempotencyKey('pay', { key: id })))`.
   *
   * @throws InvalidArgumentError for a name or key that is no text, or too long.
   */
  idempotencyKey(this: void, name: string, options?: StepKey): string;

  /**
   * Runs a sub-graph inside the node, in a stream of its own, and returns its final state.
   *
   * A node that runs again (after a crash, a failure, an answer) calls again, and the call goes on from where its sub-graph
   * stands: what is recorded in it does not run again, and a completed call returns its state without running anything. Its
   * input is taken only when it begins. Interrupts inside suspend this node, too, and are answered by their ids.
   *
   * @param graph - compiled without storage, or with the very Checkpointer of this run: it runs in this thread.
   * @throws InvalidArgumentError for a graph with a saver of its own, or what is no compiled graph.
   * @throws DuplicateCallError for a key used before in this run of the node.
   * @throws ConflictingCallError when another task of the superstep called the same remembering sub-graph.
   * @throws what the sub-graph's run throws, such as a NodeFailedError.
   */
  call<C extends Channels, const Input extends UpdatesOf<C>>(
    this: void,
    graph: CompiledGraph<C, string>,
    input: Input & OnlyChannels<Input, C>,
    options?: CallOptions,
  ): Promise<ValuesOf<C>>;

  /**
   * Asks somebody outside and suspends the node until `resume` brings the answer; the node then runs again from its
   * beginning, and this call returns it.
   *
   * It suspends by throwing: a `catch` around it must let {@link isInterrupt} errors pass.
   *
   * An answer that could not be checked where it came in (its definition was not known there) is checked here. Refused, it
   * fails the run with an `InvalidAnswerError`, and the interrupt is open again.
   *
   * @throws InvalidPayloadError when the payload does not fit the definition.
   */
  interrupt<Payload, Answer>(
    this: void,
    definition: InterruptDefinition<Payload, Answer>,
    payload: NoInfer<Payload>,
  ): Promise<Answer>;
  interrupt(this: void, payload: unknown): Promise<unknown>;

  /**
   * Sends anything to whoever reads the run's `custom` stream, at once and as it is; nothing of it is stored, so a run of
   * the task after a crash sends it again. Where nobody reads, it does nothing.
   *
   * Returns when the reader has room: await it, and a fast node waits for a slow reader. The waiting counts towards the
   * node's time limit.
   *
   * @throws TaskEndedError after the attempt; the signal's reason once it aborted.
   */
  emit(this: void, data: unknown): Promise<void>;
}
