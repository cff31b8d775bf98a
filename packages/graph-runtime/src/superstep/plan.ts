/**
 * Which tasks run next: by the edges, joins, routes and commands of the nodes that ran, in a fixed order. A node that is
 * named several times runs once; each `Send` is a task of its own.
 */
import { quoteId, type StoredJoin } from '@cairn/checkpoint-core';
import { UnknownTargetError } from '../errors/graph-errors.js';
import { RouteFailedError } from '../errors/node-errors.js';
import type { RouteDefinition } from '../graph/definition.js';
import { END } from '../graph/names.js';
import { isSend } from '../graph/send.js';
import type { RunScope } from '../run/run-scope.js';
import { after, inTurn, isPromise, type MaybePromise } from '../state/maybe-promise.js';
import { type Values, viewOf } from '../state/values.js';
import type { NextTask } from '../task/task-id.js';
import { untilAborted } from '../task/until-aborted.js';
import type { StoredTarget } from '../task/write-keys.js';
import { joinsOf } from './join.js';
import { keepSend } from './keep-send.js';

/** A node (or START) that is done, and where its commands send the run. */
export interface Departure {
  readonly node: string;
  readonly goto: readonly StoredTarget[];
}

/** What a checkpoint leaves to run. */
export interface Next {
  /** In fold order; none when every path has reached END. */
  readonly tasks: readonly NextTask[];
  /** The joins that are half filled. */
  readonly joins: readonly StoredJoin[];
}

/**
 * The tasks of the next superstep; a promise of them where a route has to be waited for.
 *
 * @param departures - in fold order.
 * @param values - what the routes see: the state after the superstep.
 * @param joins - the half-filled joins of the checkpoint that the superstep followed.
 * @throws RouteFailedError, UnknownTargetError, UnserializableValueError for the input of a `Send`.
 * @throws what the run is to end with, while a route takes its time.
 */
export function planNext(
  scope: RunScope,
  departures: readonly Departure[],
  values: Values,
  joins: readonly StoredJoin[] = [],
): MaybePromise<Next> {
  const { graph } = scope;
  const waiting = joinsOf(graph.joins, joins);
  const tasks: NextTask[] = [];
  let named: readonly string[] = [];
  const add = (target: StoredTarget) => {
    if (typeof target !== 'string') tasks.push(target);
    else if (target !== END && !named.includes(target)) {
      named = [...named, target];
      tasks.push({ node: target });
    }
  };
  const follow = (route: RouteDefinition) =>
    after(callRoute(scope, route, values), (chosen) => targetsOf(scope, route, chosen).forEach(add));
  const leave = ({ node, goto }: Departure) => {
    for (const { to } of graph.edges.get(node) ?? []) add(to);
    waiting.arrive(node).forEach(add);
    return after(inTurn(graph.routes.get(node) ?? [], follow), () => goto.forEach(add));
  };
  return after(inTurn(departures, leave), () => ({ tasks, joins: waiting.halfFilled() }));
}

/** What the route returns; a promise of it where it returns one. @throws RouteFailedError */
function callRoute({ threadId, storage, signal }: RunScope, { from, route }: RouteDefinition, values: Values): unknown {
  const fail = (cause: unknown): never => {
    throw new RouteFailedError({ node: from, threadId, cause });
  };
  try {
    const chosen = route(viewOf(values, storage.keeper));
    return isPromise(chosen) ? untilAborted(Promise.resolve(chosen).catch(fail), signal) : chosen;
  } catch (cause) {
    return fail(cause);
  }
}

function targetsOf(
  { threadId, storage }: RunScope,
  { from, targets }: RouteDefinition,
  chosen: unknown,
): readonly StoredTarget[] {
  const all: readonly unknown[] = Array.isArray(chosen) ? chosen : [chosen];
  return all.map((one) => {
    const target = isSend(one) ? one.node : one;
    if (typeof target !== 'string' || !targets.includes(target)) {
      const remedy = `Return one of them, or add it to the targets of addConditionalEdges(${quoteId(from)}, …).`;
      throw new UnknownTargetError(from, String(target), targets, remedy, { threadId });
    }
    return isSend(one) ? keepSend(one, storage.keeper, from, { threadId }) : target;
  });
}
