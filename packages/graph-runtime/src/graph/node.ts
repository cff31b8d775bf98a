/** What a node is: a function of state and context, and how it is run. */
import type { Channels } from '../state/channel.js';
import type { StateDefinition } from '../state/define-state.js';
import type { ChannelsOf, OnlyChannels, UpdatesOf, ValuesOf } from '../state/types.js';
import type { NodeContext } from '../task/node-context.js';
import type { Command } from './command.js';

/** What a node may return: an update, a command, or nothing. */
export type NodeResult<C extends Channels> =
  | UpdatesOf<C>
  | Command<UpdatesOf<C> | undefined, string>
  | void
  | undefined;

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

/** When a failed node runs again. */
export interface RetryPolicy {
  /** Runs in all, the first included: 1 or more. */
  readonly attempts: number;
  /** The longest wait before the second attempt, in milliseconds; doubles for each later one. Default 200. */
  readonly backoffMs?: number;
  /** No wait is longer, in milliseconds. Default 30,000. */
  readonly maxBackoffMs?: number;
  /** False for an error that no further attempt can cure. Default: every error is retried. */
  readonly retryIf?: (error: unknown) => boolean;
}

export interface NodeOptions<Ends extends string = string> {
  /** Default: one attempt. */
  readonly retry?: RetryPolicy;
  /** How long an attempt may take, in milliseconds; `ctx.signal` aborts then, and the attempt has failed. Default: no limit. */
  readonly timeoutMs?: number;
  /** Where the node's commands may go. */
  readonly ends?: readonly Ends[];
}

type UpdateIn<Result> = Result extends Command<infer Update, string> ? Update : Result;
/** The targets a result's command names; none for one that is not known in types (`NodeOf`), which is checked when it runs. */
type GotoIn<Result> = Result extends Command<unknown, infer Goto> ? (string extends Goto ? never : Goto) : never;

/** `unknown` when a node's result fits state and `ends`, else a type that nothing fits, which says why. */
export type FittingResult<Result, C extends Channels, Ends extends string> = [Exclude<GotoIn<Result>, Ends>] extends [
  never,
]
  ? OnlyChannels<UpdateIn<Result>, C>
  : { readonly 'a goto that is not among the ends': Exclude<GotoIn<Result>, Ends> };
