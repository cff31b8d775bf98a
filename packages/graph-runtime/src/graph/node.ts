/** What a node is: a function of state and context, and how it is run. */
import type { Channels } from '../state/channel.js';
import type { StateDefinition } from '../state/define-state.js';
import type { ChannelsOf, DeepReadonly, OnlyChannels, UpdatesOf, ValuesOf } from '../state/types.js';
import type { NodeContext } from '../task/node-context.js';
import type { Command, Goto } from './command.js';
import type { END } from './names.js';
import type { Send } from './send.js';

type OneResult<C extends Channels> = UpdatesOf<C> | Command<UpdatesOf<C> | undefined, Goto>;

/** What a node may return: an update, a command, several of them (folded in their order), or nothing. */
export type NodeResult<C extends Channels> = OneResult<C> | readonly OneResult<C>[] | void | undefined;

/** A node's function over channels. */
export type NodeFunction<C extends Channels> = (
  state: ValuesOf<C>,
  ctx: NodeContext,
) => NodeResult<C> | Promise<NodeResult<C>>;

/**
 * A node's function, for one that is written away from its graph: `const refund: NodeOf<typeof Desk> = …`.
 *
 * TypeScript refuses a wrong channel there, but not an extra one beside a right one (no annotation of a function can);
 * a function written inside `addNode` is checked for both.
 */
export type NodeOf<S extends StateDefinition<Channels>> = NodeFunction<ChannelsOf<S>>;

/** When what failed is tried again. */
export interface RetryPolicy {
  /** Runs in all, the first included: 1 or more. */
  readonly attempts: number;
  /** The longest wait before the second attempt, in milliseconds; doubles for each later one. Default 200. */
  readonly backoffMs?: number | undefined;
  /** No wait is longer, in milliseconds. Default 30,000. */
  readonly maxBackoffMs?: number | undefined;
  /** False for an error that no further attempt can cure. Default: every error is retried. */
  readonly retryIf?: ((error: unknown) => boolean) | undefined;
}

/** How something is tried: a node's function, or the effect of a step. */
export interface AttemptPolicy {
  /** Default: one attempt. */
  readonly retry?: RetryPolicy | undefined;
  /** How long an attempt may take, in milliseconds; its signal aborts then, and the attempt has failed. Default: no limit. */
  readonly timeoutMs?: number | undefined;
}

/** When a node's result is one that it returned before. */
export interface CachePolicy<Input> {
  /**
   * What the result depends on, as a text; `undefined` for an input whose result is not to be kept. Two inputs of one key get
   * one result, in any thread: whatever tells them apart (a user's id) belongs in it.
   */
  readonly key: (input: Input) => string | undefined | Promise<string | undefined>;
  /** How long a result is handed out, in milliseconds. Default: for as long as the cache keeps it. */
  readonly ttlMs?: number | undefined;
}

export interface NodeOptions<Ends extends string = string> {
  /** Default: one attempt. */
  readonly retry?: RetryPolicy | undefined;
  /** How long an attempt may take, in milliseconds; `ctx.signal` aborts then, and the attempt has failed. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Where the node's commands may go. */
  readonly ends?: readonly Ends[] | undefined;
}

/** The options that see what the node is handed. */
export interface InputOptions<Input, C extends Channels> {
  /**
   * Runs once in place of the node, when its last attempt has failed with `error`: what it returns is the task's result, and
   * the run goes on along the node's edges. Not for a misuse of `ctx`, nor for a node that had asked something. It has the
   * same context and time limit; should it fail, the node has failed with its error.
   */
  readonly fallback?:
    | ((input: Input, ctx: NodeContext, error: unknown) => NodeResult<C> | Promise<NodeResult<C>>)
    | undefined;
  /**
   * Hands out a result that the node returned before for the same key, instead of running it; no step of it runs then. What
   * failed, fell back, or was answered by somebody is not kept.
   */
  readonly cache?: CachePolicy<Input> | undefined;
}

/** The results in a result: its items, where it is several. */
type Each<Result> = Result extends readonly (infer Item)[] ? Item : Result;
type UpdateIn<Result> = Result extends Command<infer Update, Goto> ? Update : Result;
type GotoIn<Result> = Result extends Command<unknown, infer Target> ? Target : never;
/** The targets a result names; none for one that is not known in types (`NodeOf`), which is checked when it runs. */
type NameIn<Target> =
  Target extends Send<infer Node, unknown> ? Known<Node> : Target extends string ? Known<Target> : never;
type Known<Name extends string> = string extends Name ? never : Name;

/** The sends in a result's commands, whose inputs are checked once all nodes are known. */
export type SendsIn<Result> = KnownSend<Extract<GotoIn<Each<Result>>, Send<string, unknown>>>;
type KnownSend<One> = One extends Send<infer Node, unknown> ? (string extends Node ? never : One) : never;

/** `unknown` when a node's result fits state and `ends`, else a type that nothing fits, which says why. */
export type FittingResult<Result, C extends Channels, Ends extends string> = [
  Exclude<NameIn<GotoIn<Each<Result>>>, Ends>,
] extends [never]
  ? OnlyChannels<UpdateIn<Each<Result>>, C>
  : { readonly 'a goto that is not among the ends': Exclude<NameIn<GotoIn<Each<Result>>>, Ends> };

/** What a send to a node carries, where its function takes something else than the state; nothing where it does not. */
export type OwnInput<Name extends string, Input, C extends Channels> = [Input, ValuesOf<C>] extends [ValuesOf<C>, Input]
  ? never
  : Send<Name, DeepReadonly<Input>>;

/** The nodes that can't take the state, and so are reached only by a `Send`. */
export type OnlySent<Inputs, C extends Channels> =
  Inputs extends Send<infer Name, infer Input> ? ([ValuesOf<C>] extends [Input] ? never : Name) : never;

/** The sends that fit nodes: what their functions take, which is a whole state for those that take the state. */
export type SendTo<Names extends string, Inputs extends Send<string, unknown>, C extends Channels> =
  | Extract<Inputs, Send<Names, unknown>>
  | Send<Exclude<Names, Inputs['node'] | typeof END>, ValuesOf<C>>;
