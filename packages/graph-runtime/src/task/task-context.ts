/** One attempt's context: records steps, collects interrupts, and knows afterwards what the node did with them. */
import { hasCode, type Metadata } from '@cairn/checkpoint-core';
import { StorageRequiredError } from '../errors/graph-errors.js';
import { InvalidAnswerError, InvalidPayloadError } from '../errors/interrupt-errors.js';
import type { CompiledGraph } from '../graph/compiled-graph.js';
import { compiledParts } from '../graph/compiled-parts.js';
import { withOwnSaver } from '../graph/subgraph-faults.js';
import { isStorageFailure } from '../run/storage-failure.js';
import type { Channels } from '../state/channel.js';
import { validate } from '../state/schema.js';
import type { ValuesOf } from '../state/types.js';
import type { Values } from '../state/values.js';
import type { Superstep } from '../superstep/superstep.js';
import { Attempt } from './attempt.js';
import { lengthProblem, nameProblem } from './check-name.js';
import { type InterruptDefinition, isInterruptDefinition, rememberAsked } from './define-interrupt.js';
import { InterruptSignal } from './interrupt-signal.js';
import type { CallOptions, NodeContext, StepCall, StepKey, StepOptions } from './node-context.js';
import { Recall } from './recall.js';
import { Steps } from './steps.js';
import { type CompletedChild, SubgraphCalls } from './subgraph-calls.js';
import { type CalledChild, openQuestions, type TaskRecord } from './task-record.js';
import type { AskedInterrupt, StoredAnswer } from './write-keys.js';

type Definition = InterruptDefinition<unknown, unknown>;

/** What no further attempt cures of a sub-graph's call, and no fallback may stand in for. */
const final = [
  'CAIRN_DUPLICATE_CALL',
  'CAIRN_STATE_MISMATCH',
  'CAIRN_FUTURE_STATE_VERSION',
  'CAIRN_MISSING_MIGRATION',
  'CAIRN_MIGRATION_FAILED',
  'CAIRN_UNKNOWN_NODE',
] as const;

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
  /** What a sub-graph ended with that was told to stop after its superstep, whatever the node made of it. */
  stopping: unknown;

  readonly #attempt: Attempt;
  // Each is made when it is first used: most attempts have use for none.
  #recall: Recall | undefined;
  #steps: Steps | undefined;
  #calls: SubgraphCalls | undefined;
  #ordinals: Map<string, number> | undefined;
  /** How many interrupts the attempt has come to. */
  #interrupts = 0;

  constructor(superstep: Superstep, task: TaskRecord, attempt: number, signal: AbortSignal) {
    this.#attempt = new Attempt(superstep, task, signal);
    this.threadId = superstep.scope.threadId;
    this.metadata = superstep.scope.metadata;
    this.fence = superstep.scope.storage.fence;
    this.node = task.plan.node;
    this.taskId = task.plan.id;
    this.attempt = attempt;
    this.signal = signal;
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
    return this.#attempt.track(this.#ownSteps().run(name, options, effect)) as Promise<T>;
  }

  idempotencyKey(name: string, options: StepKey = {}): string {
    this.#ownSteps().checkName(name, options);
    return this.#ownRecall().idempotencyKey(name, options ?? {});
  }

  now(): Date {
    this.#attempt.refuseWhenEnded();
    return this.#ownRecall().now();
  }

  random(): number {
    this.#attempt.refuseWhenEnded();
    return this.#ownRecall().random();
  }

  interrupt<Payload, Answer>(
    definition: InterruptDefinition<Payload, Answer>,
    payload: NoInfer<Payload>,
  ): Promise<Answer>;
  interrupt(payload: unknown): Promise<unknown>;
  interrupt(first: unknown, second?: unknown): Promise<unknown> {
    const asking = isInterruptDefinition(first) ? this.#interrupt(first, second) : this.#interrupt(undefined, first);
    // Not awaiting an interrupt is reported as swallowing it, not as a rejection nobody handled.
    asking.catch(() => undefined);
    return this.#attempt.track(asking);
  }

  emit(data: unknown): Promise<void> {
    const sending = this.#emit(data);
    // Not awaiting it is no mistake: it is awaited when the attempt ends.
    sending.catch(() => undefined);
    return this.#attempt.track(sending);
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
    return this.#attempt.track(this.#attempt.recording(calling));
  }

  /** What the outer state is to take over of a sub-graph that shares its channels. */
  async sharedOutput(child: CompletedChild): Promise<Values> {
    try {
      return await this.#ownCalls().sharedOutput(child);
    } catch (error) {
      throw isStorageFailure(error) ? this.#attempt.raise(error) : error;
    }
  }

  /** True when the attempt met a question without an answer, its own or a sub-graph's, or a stop in a sub-graph. */
  get suspended(): boolean {
    return this.asked.length > 0 || this.#stopped.length > 0;
  }

  /** The ids of the questions without an answer, those of sub-graphs included. */
  get askedIds(): readonly string[] {
    return [...this.asked, ...this.#stopped.flatMap(({ tasks }) => openQuestions(tasks))].map(({ id }) => id);
  }

  /** True when the error was thrown by this context: a misuse or a failed record, which no further attempt cures. */
  raised(error: unknown): boolean {
    return this.#attempt.raised(error);
  }

  /** The first failure of the store that the attempt met, in a sub-graph, too. */
  get storageFailure(): unknown {
    return this.#attempt.storageFailure;
  }

  /** True while something that the node started is not done. */
  get isBusy(): boolean {
    return this.#attempt.isBusy;
  }

  /** Waits for the steps and interrupts that the node started and did not await. */
  settled(): Promise<void> {
    return this.#attempt.settled();
  }

  /** Closes the context: a node that runs on after its attempt can record nothing. */
  end(): void {
    this.#attempt.end();
  }

  /** True while a record, or a child, is under way. */
  get isRecording(): boolean {
    return this.#attempt.isRecording;
  }

  /** Waits for the records under way, so that the next attempt finds them. */
  recorded(): Promise<void> {
    return this.#attempt.recorded();
  }

  #ownSteps(): Steps {
    this.#steps ??= new Steps(this.#attempt);
    return this.#steps;
  }

  #ownRecall(): Recall {
    this.#recall ??= new Recall(this.#attempt.superstep, this.#attempt.task);
    return this.#recall;
  }

  #ownCalls(): SubgraphCalls {
    this.#calls ??= new SubgraphCalls(this.#attempt.superstep, this.#attempt.task);
    return this.#calls;
  }

  /** The sub-graphs that did not come to their end. */
  get #stopped(): readonly CalledChild[] {
    return this.#calls?.stopped ?? [];
  }

  async #call(graph: unknown, input: unknown, options: CallOptions): Promise<CompletedChild> {
    this.#attempt.refuseWhenEnded();
    const { key, remembers = false } = options ?? {};
    const problem =
      (key === undefined ? undefined : nameProblem('the key of a sub-graph call', key)) ??
      lengthProblem('the key of sub-graph call', key ?? '');
    if (problem !== undefined) throw this.#attempt.misused(problem);
    const child = compiledParts(graph);
    if (child === undefined) throw this.#attempt.misused('ctx.call got no compiled graph. Call ctx.call(graph, input)');
    // A keeper is of one Checkpointer.
    if (child.checkpointer && child.checkpointer.keeper !== this.#attempt.superstep.scope.storage.keeper)
      throw this.#attempt.misused(`what ctx.call got ${withOwnSaver}`);
    try {
      return await this.#ownCalls().call({ graph: child.graph, key, remembers, input }, this.signal);
    } catch (error) {
      if (hasCode(error, 'CAIRN_INVALID_ANSWER')) this.refusedInside = true;
      if (hasCode(error, 'CAIRN_RUN_DRAINED')) this.stopping = error;
      const misuse = this.refusedInside || isStorageFailure(error) || final.some((code) => hasCode(error, code));
      throw misuse ? this.#attempt.raise(error) : error;
    }
  }

  async #interrupt(definition: Definition | undefined, payload: unknown): Promise<unknown> {
    this.#attempt.refuseWhenEnded();
    const name = definition?.name ?? UNNAMED;
    const order = this.#interrupts++;
    const label = this.#nextLabel(name);
    const problem = lengthProblem('the name of interrupt', label);
    if (problem !== undefined) throw this.#attempt.misused(problem);
    const id = `${this.taskId}/${label}`;
    const answer = this.#attempt.task.answerTo(label);
    if (answer) return this.#answer(label, id, definition, answer);
    if (!this.#attempt.superstep.scope.storage.durable)
      throw this.#attempt.raise(new StorageRequiredError('ctx.interrupt', this.#attempt.details));
    const shown = this.#attempt.keep(
      `interrupt ${JSON.stringify(label)}`,
      await this.#checkPayload(id, definition, payload),
    );
    this.asked.push({ id, label, name, payload: shown, defined: definition !== undefined, order });
    if (definition) rememberAsked(id, definition);
    throw new InterruptSignal(id);
  }

  async #checkPayload(interruptId: string, definition: Definition | undefined, payload: unknown): Promise<unknown> {
    if (definition === undefined) return payload;
    const result = await validate(definition.payload, payload);
    if ('value' in result) return result.value;
    const problem = `payload${result.path}: ${result.problem}`;
    throw this.#attempt.raise(
      new InvalidPayloadError(definition.name, this.node, problem, { ...this.#attempt.details, interruptId }),
    );
  }

  async #answer(label: string, id: string, definition: Definition | undefined, answer: StoredAnswer): Promise<unknown> {
    const value = this.#attempt.superstep.scope.storage.keeper.copy(answer.value);
    if (definition === undefined || answer.validated) return value;
    const result = await validate(definition.answer, value);
    if ('value' in result) return result.value;
    this.refused.push(label);
    rememberAsked(id, definition);
    const problem = `answer${result.path}: ${result.problem} The interrupt is open again: answer it anew.`;
    throw this.#attempt.raise(new InvalidAnswerError(id, problem, this.#attempt.details));
  }

  /** Interrupts of one name are told apart by the order in which the node asks them. */
  #nextLabel(name: string): string {
    this.#ordinals ??= new Map();
    const ordinal = (this.#ordinals.get(name) ?? 0) + 1;
    this.#ordinals.set(name, ordinal);
    return `${name}#${ordinal}`;
  }

  async #emit(data: unknown): Promise<void> {
    this.#attempt.refuseWhenEnded();
    await this.#attempt.superstep.scope.events?.custom(this.#attempt.superstep, data);
  }
}
