/** The builder: collects nodes and edges with their names in the types; `compile` checks the whole. */
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { noStorage } from '../run/no-storage.js';
import type { Channels } from '../state/channel.js';
import type { StateDefinition } from '../state/define-state.js';
import type { UpdatesOf, ValuesOf } from '../state/types.js';
import type { PauseOptions } from '../superstep/pause.js';
import type { NodeContext } from '../task/node-context.js';
import type { ResultCache } from '../task/result-cache.js';
import { runSubgraph } from '../task/subgraph-node.js';
import { CompiledGraph } from './compiled-graph.js';
import { compiledParts } from './compiled-parts.js';
import type {
  EdgeDefinition,
  JoinDefinition,
  NodeDefinition,
  RouteDefinition,
  SubgraphDefinition,
} from './definition.js';
import type { END, START } from './names.js';
import type {
  FittingResult,
  InputOptions,
  NodeFunction,
  NodeOptions,
  NodeResult,
  OnlySent,
  OwnInput,
  SendsIn,
  SendTo,
} from './node.js';
import { prepareGraph } from './runnable-graph.js';
import type { Send } from './send.js';
import { storageFaults } from './storage-faults.js';
import type { MappedSubgraphOptions, SharedSubgraphOptions, SharesChannels } from './subgraph.js';

type AnySend = Send<string, unknown>;
type AnySubgraphOptions = Partial<Pick<SubgraphDefinition, 'input' | 'output'>> & {
  readonly remembers?: boolean | undefined;
};
/** What conditional edges may choose: targets that take the state by name, any by a send. */
type Choice<Target extends string, Inputs extends AnySend, C extends Channels> =
  | Exclude<Target, OnlySent<Inputs, C>>
  | SendTo<Target, Inputs, C>;
type Route<One> = One | readonly One[];

/** Where a compiled graph keeps its threads (`{}` runs without storage), and where every run of it stops. */
export type CompileOptions<Nodes extends string = string> = StorageOptions &
  PauseOptions<Nodes> & {
    /** Where results are kept of nodes with a `cache`. Default: in this process, a `MemoryResultCache` of the graph's own. */
    readonly cache?: ResultCache | undefined;
  };

type StorageOptions =
  | { readonly saver: CheckpointSaver; readonly checkpointer?: never }
  | { readonly checkpointer: Checkpointer; readonly saver?: never }
  | { readonly saver?: never; readonly checkpointer?: never };

/**
 * Builds a graph over a state. Each method adds to this builder and returns it, with what was added known in its type.
 */
export class StateGraph<
  C extends Channels,
  Nodes extends string = never,
  Ends extends string | AnySend = never,
  Inputs extends AnySend = never,
> {
  readonly #state: StateDefinition<C>;
  readonly #nodes: NodeDefinition[] = [];
  readonly #edges: EdgeDefinition[] = [];
  readonly #joins: JoinDefinition[] = [];
  readonly #routes: RouteDefinition[] = [];

  constructor(state: StateDefinition<C>) {
    this.#state = state;
  }

  /**
   * Adds a node.
   *
   * @param run - gets the state as it was when the superstep began, or what a `Send` brings, and returns an update, a
   *   `Command`, several of them, or nothing. A parameter of another type than the state's makes it a node that only sends
   *   reach: `(input: { id: string }, ctx) => …`.
   * @param options - retries, a time limit, and where its commands may go.
   */
  addNode<
    const Name extends string,
    const Result extends NodeResult<C>,
    const End extends string = never,
    Input = ValuesOf<C>,
  >(
    name: Name,
    run: ((input: Input, ctx: NodeContext) => Result | Promise<Result>) & FittingResult<Result, C, End>,
    options?: NodeOptions<End> & InputOptions<NoInfer<Input>, C>,
  ): StateGraph<C, Nodes | Name, Ends | End | SendsIn<Result>, Inputs | OwnInput<Name, Input, C>>;
  /**
   * Adds a node that is a graph whose channels are all channels of this one, too; see {@link SharedSubgraphOptions}.
   *
   * @param graph - compiled without storage: it runs in this graph's thread, in a stream of its own.
   */
  addNode<
    const Name extends string,
    CC extends Channels,
    const In extends UpdatesOf<CC>,
    const Out extends UpdatesOf<C>,
    Input = ValuesOf<C>,
  >(
    name: Name,
    graph: CompiledGraph<CC, string> & SharesChannels<CC, C>,
    options?: SharedSubgraphOptions<C, CC, Input, In, Out>,
  ): StateGraph<C, Nodes | Name, Ends, Inputs | OwnInput<Name, Input, C>>;
  /** Adds a node that is a graph of any shape, with mappings of its input and output. */
  addNode<
    const Name extends string,
    CC extends Channels,
    const In extends UpdatesOf<CC>,
    const Out extends UpdatesOf<C>,
    Input = ValuesOf<C>,
  >(
    name: Name,
    graph: CompiledGraph<CC, string>,
    options: MappedSubgraphOptions<C, CC, Input, In, Out>,
  ): StateGraph<C, Nodes | Name, Ends, Inputs | OwnInput<Name, Input, C>>;
  addNode(name: string, run: unknown, options: NodeOptions & AnySubgraphOptions = {}): unknown {
    const { ends = [], input, output, remembers = false, ...policies } = options;
    const parts = compiledParts(run);
    const subgraph = parts && { compiled: run as object, ...parts, input, output, remembers };
    // A definition's values are those of C; what a node returns is checked when it returns.
    const called = subgraph ? runSubgraph(subgraph) : (run as NodeDefinition['run']);
    this.#nodes.push({ name, run: called, ends, subgraph, retry: undefined, timeoutMs: undefined, ...policies });
    return this;
  }

  /** Adds nodes by name, without options. */
  addNodes<const Added extends Readonly<Record<string, NodeFunction<C>>>>(
    nodes: Added & { readonly [Name in keyof Added]: FittingResult<Awaited<ReturnType<Added[Name]>>, C, never> },
  ): StateGraph<C, Nodes | (keyof Added & string), Ends, Inputs> {
    for (const [name, run] of Object.entries<unknown>(nodes)) {
      this.#nodes.push({ name, run: run as NodeDefinition['run'], retry: undefined, timeoutMs: undefined, ends: [] });
    }
    return this as unknown as StateGraph<C, Nodes | (keyof Added & string), Ends, Inputs>;
  }

  /**
   * Adds an edge that is always taken. Several from one node fan out: their targets run side by side.
   *
   * From an array it is a join: its target runs once all of the nodes named have finished since it last ran by this join,
   * in one superstep or over several. Which of them have is stored with each checkpoint; a new input begins anew.
   */
  addEdge(from: Nodes | typeof START | readonly Nodes[], to: Exclude<Nodes, OnlySent<Inputs, C>> | typeof END): this {
    if (typeof from === 'string') this.#edges.push({ from, to });
    else this.#joins.push({ from: copyOf(from), to });
    return this;
  }

  /**
   * Adds edges of which `route` chooses, each time, one or several: by name, or by a `Send` with an input of its own.
   *
   * @param route - sees the state after the superstep; must be deterministic and free of side effects.
   * @param targets - all it may choose from, and send to.
   */
  addConditionalEdges<const Targets extends readonly (Nodes | typeof END)[]>(
    from: Nodes | typeof START,
    route: (
      state: ValuesOf<C>,
    ) => Route<Choice<Targets[number], Inputs, C>> | Promise<Route<Choice<Targets[number], Inputs, C>>>,
    targets: Targets,
  ): this {
    this.#routes.push({ from, route: route as RouteDefinition['route'], targets });
    return this;
  }

  /**
   * Checks the graph and makes it run. Does no I/O.
   *
   * @throws InvalidGraphError with every fault at once.
   */
  compile(
    this: [Exclude<Ends, Nodes | typeof END | SendTo<Nodes, Inputs, C>>] extends [never]
      ? StateGraph<C, Nodes, Ends, Inputs>
      : {
          readonly 'a node in ends, or an input of a Send, that does not exist': Exclude<
            Ends,
            Nodes | typeof END | SendTo<Nodes, Inputs, C>
          >;
        },
    options: CompileOptions<Nodes> = {},
  ): CompiledGraph<C, Nodes> {
    const builder = this as unknown as StateGraph<C, Nodes, Ends, Inputs>;
    return builder.#compile(options);
  }

  #compile(options: CompileOptions): CompiledGraph<C, Nodes> {
    const faults = storageFaults(options);
    const checkpointer = faults.length > 0 ? undefined : checkpointerOf(options);
    const { keeper } = checkpointer ?? noStorage;
    const { interruptBefore = [], interruptAfter = [], cache } = options ?? {};
    // Copies, so that a builder used further does not change what it compiled.
    const definition = {
      state: this.#state,
      nodes: [...this.#nodes],
      edges: [...this.#edges],
      joins: [...this.#joins],
      routes: [...this.#routes],
      pauses: { interruptBefore, interruptAfter },
    };
    return new CompiledGraph(prepareGraph(definition, faults, keeper, checkpointer, cache), checkpointer);
  }
}

/** What is no array is left to `compile`, which names it. */
function copyOf(names: readonly string[]): readonly string[] {
  return Array.isArray(names) ? [...(names as readonly string[])] : names;
}

function checkpointerOf({ saver, checkpointer }: CompileOptions): Checkpointer | undefined {
  return checkpointer ?? (saver && new Checkpointer({ saver }));
}
