/** A graph that runs: the calls on threads, each one line to where it is done. */
import type {
  Checkpointer,
  CheckpointId,
  Namespace,
  StateDifference,
  ThreadInfo,
  ThreadsRequest,
} from '@cairn/checkpoint-core';
import { StorageRequiredError } from '../errors/graph-errors.js';
import { type ForkOptions, fork, type HeadAddress } from '../history/fork.js';
import {
  getState,
  getStateHistory,
  getStateSummaries,
  type StateAddress,
  type StateHistoryOptions,
  type StateSnapshot,
  type StateSummary,
} from '../history/get-state.js';
import {
  type StateUpdate,
  type StreamHead,
  type UpdateStateOptions,
  type UpdateTarget,
  updateState,
} from '../history/update-state.js';
import type { DrainOptions, DrainReport } from '../run/active-runs.js';
import type { InvokeOptions, LeaseOptions, ResumeOptions } from '../run/options.js';
import { type RecoveredThread, type RecoverOptions, recover } from '../run/recover.js';
import type { RunResult } from '../run/result.js';
import { tracedInvoke, tracedResume } from '../run/traced-run.js';
import type { Channels } from '../state/channel.js';
import type { OnlyChannels, UpdatesOf } from '../state/types.js';
import type { StreamMode } from '../stream/events.js';
import type { GraphStream } from '../stream/graph-stream.js';
import { type StreamOf, type StreamOptions, stream } from '../stream/stream.js';
import { describeGraph, type GraphDescription } from '../versions/describe-graph.js';
import { markCompiled } from './compiled-parts.js';
import { mermaid, type Standing } from './mermaid.js';
import type { RunnableGraph } from './runnable-graph.js';

/** One of a thread's checkpoints; without an id, its head. */
export interface CheckpointOf {
  readonly threadId: string;
  readonly checkpointId?: CheckpointId | undefined;
}

/** A compiled graph: immutable, and safe to share among any number of threads. */
export class CompiledGraph<C extends Channels, Nodes extends string> {
  /** In types only. */
  readonly types?: { readonly channels: C; readonly nodes: Nodes };
  readonly #graph: RunnableGraph;
  readonly #checkpointer: Checkpointer | undefined;

  /** Made by `StateGraph.compile`. */
  constructor(graph: RunnableGraph, checkpointer: Checkpointer | undefined) {
    markCompiled(this, { graph, checkpointer });
    this.#graph = graph;
    this.#checkpointer = checkpointer;
  }

  /**
   * Folds an input into a thread's state and runs until the thread is done or waits for an answer.
   *
   * The input is committed before the first node runs, and each superstep before the next. After a crash `resume` goes on
   * from the last of them.
   *
   * @param input - an update of the state; a thread that does not exist begins with it.
   *
   * @throws InvalidUpdateError, UnserializableValueError before anything is stored.
   * @throws UnfinishedRunError when the thread's last input has tasks left to run, unless `abandon`.
   * @throws ThreadBusyError while another run holds the thread (see `onBusy`); LeaseLostError when another took it over.
   * @throws NodeFailedError when a node failed at its last attempt, after what finished beside it was stored.
   * @throws RouteFailedError when the conditional edges from START failed, before anything is stored.
   */
  async invoke<const Input extends UpdatesOf<C>>(
    input: Input & OnlyChannels<Input, C>,
    options: InvokeOptions<Nodes> = {},
  ): Promise<RunResult<C>> {
    return tracedInvoke(this.#graph, this.#checkpointer, input, options);
  }

  /**
   * Goes on with a thread: after a crash, after a failure, with answers, or from an older checkpoint as a fork.
   *
   * Finished tasks and recorded steps do not run again. A completed thread returns its run; one whose tasks all wait for
   * answers, and gets none, returns as it is.
   *
   * **Stored first**: answers are on disk before any node runs, so a later failure keeps them. One that could not be
   * checked before (its definition is not known here, or another has its name) and that its node refuses fails the run with
   * an `InvalidAnswerError`, and its interrupt is open again.
   *
   * Where two may answer, answer by id: a bare `answer` goes to whatever is open when its turn comes, which may be a
   * question its sender never saw.
   *
   * @throws ThreadNotFoundError, CheckpointNotFoundError.
   * @throws NoOpenInterruptError, AmbiguousAnswerError, UnknownInterruptError, InterruptAnsweredError, InvalidAnswerError
   *   for answers, before anything is stored.
   */
  async resume(options: ResumeOptions<Nodes>): Promise<RunResult<C>> {
    return tracedResume(this.#graph, this.#stored('resume'), options);
  }

  /**
   * Runs as `invoke` does, or with `null` as `resume` does, and tells what happens while it happens.
   *
   * In a superstep come of each task its `started`, its `custom` data and, as it settles, how it settled with its updates;
   * then the superstep's `checkpoints` and its `values`. What an event says of a result is stored by then, as `durability`
   * stores it; `started` and `custom` tell what is under way. A slow reader makes the run wait.
   *
   * @param input - an update of the state; `null` goes on with the thread.
   */
  stream<const Mode extends StreamMode = 'updates', const Subgraphs extends boolean = false>(
    input: null,
    options: ResumeOptions<Nodes> & StreamOptions<Mode, Subgraphs>,
  ): StreamOf<C, Nodes, Mode, Subgraphs>;
  stream<
    const Input extends UpdatesOf<C>,
    const Mode extends StreamMode = 'updates',
    const Subgraphs extends boolean = false,
  >(
    input: Input & OnlyChannels<Input, C>,
    options?: InvokeOptions<Nodes> & StreamOptions<Mode, Subgraphs>,
  ): StreamOf<C, Nodes, Mode, Subgraphs>;
  stream(input: unknown, options: InvokeOptions & StreamOptions = {}): GraphStream<unknown, RunResult<C>> {
    return stream(this.#graph, this.#checkpointer, () => this.#stored('stream'), input, options);
  }

  /**
   * Takes up the threads whose runner died: those that neither ended nor wait for somebody, and that nobody holds.
   *
   * Never touches a thread whose lease is live, and may be called in several processes at once: each thread is taken up by
   * one of them. A thread of another graph, or one that can't be read, is passed over. A failing run ends up in the report, not
   * as an error.
   *
   * @returns what became of each thread that was looked at.
   */
  async recover(options: RecoverOptions<Nodes> = {}): Promise<readonly RecoveredThread[]> {
    return recover(this.#graph, this.#stored('recover'), options);
  }

  /**
   * Ends this graph's runs in this process gracefully, as on SIGTERM: no new one begins, and each that runs finishes its
   * superstep, stores it and gives its thread back, which any process can take up at once. Returns when all have ended.
   *
   * The runs that were stopped end with a `RunDrainedError`, new ones with a `GraphDrainingError`. A graph that has drained
   * stays so. The saver is left open: `await graph.drain(); await saver.close();`.
   */
  async drain(options: DrainOptions = {}): Promise<DrainReport> {
    return this.#graph.runs.drain(options);
  }

  /**
   * Where a thread stands, or stood at one of its checkpoints, with the sub-graphs it had called (`subgraphs: true`); why
   * it failed (`failures`), and what led there (`trail`). With `namespace` where a sub-graph stands, which has a state of its
   * own.
   *
   * @throws ThreadNotFoundError, CheckpointNotFoundError.
   */
  getState(of: StateAddress & { readonly namespace?: readonly [] }): Promise<StateSnapshot<C>>;
  getState(of: StateAddress): Promise<StateSnapshot<Channels>>;
  async getState(of: StateAddress): Promise<StateSnapshot<Channels>> {
    return getState(this.#graph, this.#stored('getState'), of);
  }

  /**
   * A thread's checkpoints, newest first, all branches; none for an unknown thread. Read one by one as they are asked for.
   * With `namespace` those of a sub-graph, which has a state of its own.
   *
   * With `values: false` only headers are read, and each tells the checkpoint as it was committed.
   */
  getStateHistory(
    options: StateHistoryOptions<true> & { readonly namespace?: readonly [] },
  ): AsyncIterable<StateSnapshot<C>>;
  getStateHistory(options: StateHistoryOptions<true>): AsyncIterable<StateSnapshot<Channels>>;
  getStateHistory(options: StateHistoryOptions<false> & { readonly values: false }): AsyncIterable<StateSummary>;
  getStateHistory(options: StateHistoryOptions): AsyncIterable<StateSummary> {
    const history = options.values === false ? getStateSummaries : getStateHistory<C>;
    return history(this.#graph, this.#stored('getStateHistory'), options);
  }

  /**
   * What differs between two checkpoints, by channel and path; without an id, a thread's head. They may be of two threads,
   * and of two branches.
   *
   * @throws ThreadNotFoundError, CheckpointNotFoundError.
   */
  async diff(before: CheckpointOf, after: CheckpointOf): Promise<readonly StateDifference[]> {
    const checkpointer = this.#stored('diff');
    const [was, is] = [await this.getState(before), await this.getState(after)];
    return checkpointer.compare(was.values, is.values);
  }

  /**
   * The store's threads by id, without loading any value.
   *
   * `{ status: 'interrupted' }` lists those that wait for somebody: for an answer, or for the `resume` that runs a fork or
   * an updated thread. `getState(…).interrupts` is empty for the latter.
   */
  listThreads(request: ThreadsRequest = {}): AsyncIterable<ThreadInfo> {
    return this.#stored('listThreads').listThreads(request);
  }

  /**
   * Changes a thread's state as if a node had returned the update; the thread then waits for `resume`.
   *
   * The update goes through the channels' folds. Tasks left to run stay the same: finished ones keep what they returned, the
   * others their recorded steps, idempotency keys and answers; they run from their beginning with the new values, and ask
   * anew what was not answered. An update of an older checkpoint is a fork: there every task begins anew.
   *
   * An array of `{ update, asNode }` is one change, as if these nodes had returned side by side.
   *
   * With `namespace` the state of a sub-graph is changed, and its nodes are meant, while a call of it is under way and waits,
   * has stopped or failed; the sub-graph is a node, at any depth.
   *
   * @throws InvalidUpdateError, ConflictingUpdateError, UnknownNodeError, ThreadNotFoundError, CheckpointNotFoundError;
   *   InvalidArgumentError for a `namespace` at which no call is under way.
   * @returns the new head, of the sub-graph's stream where that was changed.
   */
  async updateState<const Update extends UpdatesOf<C>>(
    target: UpdateTarget & { readonly namespace?: readonly [] },
    update: Update & OnlyChannels<Update, C>,
    options?: UpdateStateOptions<Nodes>,
  ): Promise<HeadAddress>;
  async updateState<const Updates extends readonly StateUpdate<UpdatesOf<C>, Nodes>[]>(
    target: UpdateTarget & { readonly namespace?: readonly [] },
    updates: Updates & OnlyChannels<Updates[number]['update'], C>,
    options?: LeaseOptions,
  ): Promise<HeadAddress>;
  async updateState(
    target: UpdateTarget & { readonly namespace: Namespace },
    update: Readonly<Record<string, unknown>> | readonly StateUpdate[],
    options?: UpdateStateOptions,
  ): Promise<StreamHead>;
  async updateState(target: UpdateTarget, given: unknown, options: UpdateStateOptions = {}): Promise<StreamHead> {
    const { asNode, ...lease } = options;
    const one = { update: given, ...(asNode !== undefined && { asNode }) };
    const updates = Array.isArray(given) ? (given as readonly StateUpdate[]) : [one];
    return updateState(this.#graph, this.#stored('updateState'), target, updates, lease);
  }

  /**
   * Begins a new branch at one of a thread's checkpoints: a new head with its values and tasks, but none of its answers.
   * Both branches stay readable. The new one is listed as interrupted until `resume({ threadId })` runs it. With `to` the
   * branch is a thread of its own.
   *
   * @throws ThreadExistsError when the thread of `to` exists.
   * @returns the new head.
   */
  async fork(options: ForkOptions): Promise<HeadAddress> {
    return fork(this.#graph, this.#stored('fork'), options);
  }

  /**
   * The graph as Mermaid text: solid edges are always taken, dotted ones may be.
   *
   * @param options.state - of a thread, as `getState` returns it: marks the nodes that are to run next, wait for an answer,
   *   or failed, and the end where it is done.
   */
  toMermaid(options: { readonly state?: Standing | undefined } = {}): string {
    return mermaid(this.#graph.definition, options.state);
  }

  /**
   * What stored threads depend on, as JSON that is the same each time: the state's name, version and channels, and the nodes.
   * Committed, it lets a test say that the state has changed and its version has not.
   */
  describe(): GraphDescription {
    return describeGraph(this.#graph);
  }

  #stored(call: string): Checkpointer {
    if (this.#checkpointer) return this.#checkpointer;
    throw new StorageRequiredError(call);
  }
}
