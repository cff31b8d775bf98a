/** One attempt's context: records steps, collects interrupts, and knows afterwards what the node did with them. */
import {
  crashPoint,
  hasCode,
  InvalidArgumentError,
  type Metadata,
  quoteId,
  UnserializableValueError,
} from '@cairn/checkpoint-core';
import { StorageRequiredError } from '../errors/graph-errors.js';
import { InvalidAnswerError, InvalidPayloadError } from '../errors/interrupt-errors.js';
import { DuplicateStepError, type NodeErrorDetails, StepTimeoutError, TaskEndedError } from '../errors/node-errors.js';
import type { CompiledGraph } from '../graph/compiled-graph.js';
import { compiledParts } from '../graph/compiled-parts.js';
import type { AttemptPolicy } from '../graph/node.js';
import { policyFaults } from '../graph/policy-faults.js';
import type { RunWrite } from '../run/run-storage.js';
import type { Channels } from '../state/channel.js';
import { validate } from '../state/schema.js';
import type { ValuesOf } from '../state/types.js';
import type { Values } from '../state/values.js';
import type { Superstep } from '../superstep/superstep.js';
import { lengthProblem, nameProblem } from './check-name.js';
import { type InterruptDefinition, isInterruptDefinition, rememberAsked } from './define-interrupt.js';
import { InterruptSignal } from './interrupt-signal.js';
import type { CallOptions, NodeContext, StepCall, StepKey, StepOptions } from './node-context.js';
import { Recall } from './recall.js';
import { type Effect, runEffect } from './step-effect.js';
import { type CompletedChild, SubgraphCalls } from './subgraph-calls.js';
import { openQuestions, type TaskRecord } from './task-record.js';
import { type AskedInterrupt, type StoredAnswer, stepLabel, writeKey } from './write-keys.js';

type Definition = InterruptDefinition<unknown, unknown>;

/** What an interrupt is called that was asked without a definition. */
const UNNAMED = 'interrupt';

export class TaskContext implements NodeContext {
  readonly threadId: string;
  readonly node: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly metadata: Metadata;
  readonly fence: number;
  readonly signal: AbortSignal;
  /** The interrupts this attempt met without an answer. */
  readonly asked: AskedInterrupt[] = [];
  /** The labels of the interrupts whose answers did not fit. */
  readonly refused: string[] = [];
  /** True when an answer inside a sub-graph did not fit. */
  refusedInside = false;

  readonly #superstep: Superstep;
  readonly #task: TaskRecord;
  readonly #recall: Recall;
  readonly #steps = new Set<string>();
  readonly #ordinals = new Map<string, number>();
  readonly #pending = new Set<Promise<unknown>>();
  readonly #recording = new Set<Promise<unknown>>();
  readonly #calls: SubgraphCalls;
  readonly #raised = new WeakSet();
  #ended = false;

  constructor(superstep: Superstep, task: TaskRecord, attempt: number, signal: AbortSignal) {
    this.#superstep = superstep;
    this.#task = task;
    this.#recall = new Recall(superstep, task);
    this.threadId = superstep.scope.threadId;
    this.metadata = superstep.scope.metadata;
    this.fence = superstep.scope.storage.fence;
    this.node = task.plan.node;
    this.taskId = task.plan.id;
    this.attempt = attempt;
    this.signal = signal;
    this.#calls = new SubgraphCalls(superstep, task);
    // A node may take its context apart.
    this.step = this.step.bind(this);
    this.idempotencyKey = this.idempotencyKey.bind(this);
    this.interrupt = this.interrupt.bind(this);
    this.call = this.call.bind(this);
    this.emit = this.emit.bind(this);
    this.now = this.now.bind(this);
    this.random = this.random.bind(this);
  }

  step<T>(
    name: string,
    ...rest: [(call: StepCall) => T | Promise<T>] | [StepOptions, (call: StepCall) => T | Promise<T>]
  ): Promise<T> {
    const [options, effect] = rest.length === 1 ? [{}, rest[0]] : rest;
    return this.#track(this.#checkedStep(name, options, effect)) as Promise<T>;
  }

  idempotencyKey(name: string, options: StepKey = {}): string {
    this.#checkName(name, options);
    return this.#recall.idempotencyKey(name, options ?? {});
  }

  now(): Date {
    this.#refuseWhenEnded();
    return this.#recall.now();
  }

  random(): number {
    this.#refuseWhenEnded();
    return this.#recall.random();
  }

  interrupt<Payload, Answer>(definition: InterruptDefinition<Payload, Answer>, payload: Payload): Promise<Answer>;
  interrupt(payload: unknown): Promise<unknown>;
  interrupt(first: unknown, second?: unknown): Promise<unknown> {
    const asking = isInterruptDefinition(first) ? this.#interrupt(first, second) : this.#interrupt(undefined, first);
    // Not awaiting an interrupt is reported as swallowing it, not as a rejection nobody handled.
    asking.catch(() => undefined);
    return this.#track(asking);
  }

  emit(data: unknown): Promise<void> {
    const sending = this.#emit(data);
    // Not awaiting it is no mistake: it is awaited when the attempt ends.
    sending.catch(() => undefined);
    return this.#track(sending);
  }

  call<C extends Channels>(
    graph: CompiledGraph<C, string>,
    input: unknown,
    options: CallOptions = {},
  ): Promise<ValuesOf<C>> {
    const calling = this.callChild(graph, input, options).then(({ values }) => values as ValuesOf<C>);
    calling.catch(() => undefined);
    return calling;
  }

  /** As {@link call}, for a node that is a sub-graph. */
  callChild(graph: unknown, input: unknown, options: CallOptions): Promise<CompletedChild> {
    const calling = this.#call(graph, input, options);
    calling.catch(() => undefined);
    this.#recording.add(calling);
    const done = () => this.#recording.delete(calling);
    calling.then(done, done);
    return this.#track(calling);
  }

  /** What the outer state is to take over of a sub-graph that shares its channels. */
  sharedOutput(child: CompletedChild): Promise<Values> {
    return this.#calls.sharedOutput(child);
  }

  /** True when the attempt met a question without an answer, its own or a sub-graph's, or a stop in a sub-graph. */
  get suspended(): boolean {
    return this.asked.length > 0 || this.#calls.stopped.length > 0;
  }

  /** The ids of the questions without an answer, those of sub-graphs included. */
  get askedIds(): readonly string[] {
    return [...this.asked, ...this.#calls.stopped.flatMap(({ tasks }) => openQuestions(tasks))].map(({ id }) => id);
  }

  /** True when the error was thrown by this context: a misuse or a failed record, which no further attempt cures. */
  raised(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#raised.has(error);
  }

  /** Waits for the steps and interrupts that the node started and did not await. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  /**
   * Closes the context: a node that runs on after its attempt can record nothing. Waits for records under way, so that
   * the next attempt finds them.
   */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.allSettled(this.#recording);
  }

  async #checkedStep(name: string, options: StepOptions, effect: Effect): Promise<unknown> {
    this.#checkName(name, options);
    if (typeof effect !== 'function')
      throw this.#misused(`step ${quoteId(name)} has no function to run. Call ctx.step(name, fn)`);
    const [fault] = policyFaults(`step ${quoteId(name)}`, options ?? {});
    if (fault !== undefined) throw this.#misused(fault.slice(0, -1));
    return this.#step(stepLabel(name, options?.key), effect, options ?? {});
  }

  /** From JavaScript anything may come in, and what comes in wrong must not run an effect first. */
  #checkName(name: string, options: StepKey): void {
    const key = options?.key;
    const problem =
      nameProblem('the name of a step', name) ??
      (key === undefined ? undefined : nameProblem(`the key of step ${quoteId(name)}`, key)) ??
      lengthProblem('the name (and key) of step', stepLabel(name, key));
    if (problem !== undefined) throw this.#misused(problem);
  }

  #misused(problem: string): InvalidArgumentError {
    const where = `In node ${quoteId(this.node)} of thread ${quoteId(this.threadId)}`;
    return this.#raise(new InvalidArgumentError(`${where}, ${problem}. No effect ran.`, this.#details()));
  }

  async #step(label: string, effect: Effect, policy: AttemptPolicy): Promise<unknown> {
    this.#refuseWhenEnded();
    if (this.#steps.has(label)) throw this.#raise(new DuplicateStepError(label, this.#details()));
    this.#steps.add(label);
    // A copy, not frozen: recorded or just made, a result is the node's to change.
    if (this.#task.steps.has(label)) return this.#superstep.scope.storage.keeper.copy(this.#task.steps.get(label));
    await this.#settleCause();
    const result = await this.#run(label, effect, policy);
    crashPoint('runtime:step-executed');
    await this.#recordStep(label, result);
    crashPoint('runtime:step-recorded');
    return result;
  }

  /**
   * Stores what an effect is about to be made of: the supersteps before its own, which a run at another durability than
   * `sync` may not have stored, and what `ctx.now()` has said. A run after a crash makes it of the same, for the same key.
   */
  async #settleCause(): Promise<void> {
    const nows = this.#task.newNows();
    try {
      if (nows.length > 0) await this.#recorded(this.#write(nows));
      else await this.#superstep.scope.storage.flush();
    } catch (error) {
      throw this.#raise(error);
    }
  }

  /** A step that failed recorded nothing, so the node may catch that and try the same name again. */
  async #run(label: string, effect: Effect, policy: AttemptPolicy): Promise<unknown> {
    const timedOut = (ms: number) => new StepTimeoutError(label, ms, this.#details());
    try {
      return await runEffect(effect, policy, this.signal, timedOut, (error) => !this.raised(error));
    } catch (error) {
      this.#steps.delete(label);
      throw error;
    }
  }

  async #recordStep(label: string, result: unknown): Promise<void> {
    this.#refuseWhenEnded();
    const value = this.#keep(`step ${JSON.stringify(label)}`, result);
    await this.#recorded(this.#write([...this.#task.newNows(), { key: writeKey('step', label), value }]));
  }

  async #recorded(recording: Promise<void>): Promise<void> {
    this.#recording.add(recording);
    await recording.finally(() => this.#recording.delete(recording));
  }

  async #write(writes: RunWrite['writes']): Promise<void> {
    const { scope, base } = this.#superstep;
    try {
      await scope.storage.record({ base, taskId: this.taskId, writes });
    } catch (error) {
      throw this.#raise(error);
    }
    for (const { key, value } of writes) this.#task.take(key, value);
  }

  async #call(graph: unknown, input: unknown, options: CallOptions): Promise<CompletedChild> {
    this.#refuseWhenEnded();
    const { key, remembers = false } = options ?? {};
    const problem =
      (key === undefined ? undefined : nameProblem('the key of a sub-graph call', key)) ??
      lengthProblem('the key of sub-graph call', key ?? '');
    if (problem !== undefined) throw this.#misused(problem);
    const child = compiledParts(graph)?.graph;
    if (child === undefined) throw this.#misused('ctx.call got no compiled graph. Call ctx.call(graph, input)');
    try {
      return await this.#calls.call({ graph: child, key, remembers, input }, this.signal);
    } catch (error) {
      if (hasCode(error, 'CAIRN_INVALID_ANSWER')) this.refusedInside = true;
      const misuse = this.refusedInside || hasCode(error, 'CAIRN_DUPLICATE_CALL');
      throw misuse ? this.#raise(error) : error;
    }
  }

  async #interrupt(definition: Definition | undefined, payload: unknown): Promise<unknown> {
    this.#refuseWhenEnded();
    const name = definition?.name ?? UNNAMED;
    const label = this.#nextLabel(name);
    const problem = lengthProblem('the name of interrupt', label);
    if (problem !== undefined) throw this.#misused(problem);
    const id = `${this.taskId}/${label}`;
    const answer = this.#task.answerTo(label);
    if (answer) return this.#answer(label, id, definition, answer);
    if (!this.#superstep.scope.storage.durable)
      throw this.#raise(new StorageRequiredError('ctx.interrupt', this.#details()));
    const shown = this.#keep(`interrupt ${JSON.stringify(label)}`, await this.#checkPayload(id, definition, payload));
    this.asked.push({ id, label, name, payload: shown, defined: definition !== undefined });
    if (definition) rememberAsked(id, definition);
    throw new InterruptSignal(id);
  }

  async #checkPayload(interruptId: string, definition: Definition | undefined, payload: unknown): Promise<unknown> {
    if (definition === undefined) return payload;
    const result = await validate(definition.payload, payload);
    if ('value' in result) return result.value;
    const problem = `payload${result.path}: ${result.problem}`;
    throw this.#raise(
      new InvalidPayloadError(definition.name, this.node, problem, { ...this.#details(), interruptId }),
    );
  }

  async #answer(label: string, id: string, definition: Definition | undefined, answer: StoredAnswer): Promise<unknown> {
    const value = this.#superstep.scope.storage.keeper.copy(answer.value);
    if (definition === undefined || answer.validated) return value;
    const result = await validate(definition.answer, value);
    if ('value' in result) return result.value;
    this.refused.push(label);
    rememberAsked(id, definition);
    const problem = `answer${result.path}: ${result.problem} The interrupt is open again: answer it anew.`;
    throw this.#raise(new InvalidAnswerError(id, problem, this.#details()));
  }

  /** Interrupts of one name are told apart by the order in which the node asks them. */
  #nextLabel(name: string): string {
    const ordinal = (this.#ordinals.get(name) ?? 0) + 1;
    this.#ordinals.set(name, ordinal);
    return `${name}#${ordinal}`;
  }

  #keep(what: string, value: unknown): unknown {
    try {
      return this.#superstep.scope.storage.keeper.keep(value);
    } catch (error) {
      if (!hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE')) throw error;
      const { reason, path } = (error as UnserializableValueError).under(what);
      throw this.#raise(new UnserializableValueError(reason, { ...this.#details(), path }));
    }
  }

  async #emit(data: unknown): Promise<void> {
    this.#refuseWhenEnded();
    await this.#superstep.scope.events?.custom(this.#superstep, data);
  }

  #refuseWhenEnded(): void {
    this.signal.throwIfAborted();
    if (this.#ended) throw new TaskEndedError(this.#details());
  }

  #raise<E>(error: E): E {
    if (typeof error === 'object' && error !== null) this.#raised.add(error);
    return error;
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    const done = () => this.#pending.delete(promise);
    this.#pending.add(promise);
    promise.then(done, done);
    return promise;
  }

  #details(): NodeErrorDetails {
    return { node: this.node, threadId: this.threadId, taskId: this.taskId };
  }
}
