/** Which nodes run next: the edges, routes and commands of those that ran, in a fixed order, each node once. */
import { quoteId } from '@cairn/checkpoint-core';
import { UnknownTargetError } from '../errors/graph-errors.js';
import { RouteFailedError } from '../errors/node-errors.js';
import type { RouteDefinition } from '../graph/definition.js';
import { END } from '../graph/names.js';
import type { RunScope } from '../run/run-scope.js';
import { type Values, viewOf } from '../state/values.js';

/** A node (or START) that is done, and where its command sends the run. */
export interface Departure {
  readonly node: string;
  readonly goto: readonly string[];
}

/**
 * The nodes of the next superstep, in fold order; none when every path has reached END.
 *
 * @param values - what the routes see: the state after the superstep.
 * @throws RouteFailedError, UnknownTargetError.
 */
export async function planNext(
  scope: RunScope,
  departures: readonly Departure[],
  values: Values,
): Promise<readonly string[]> {
  const next = new Set<string>();
  for (const { node, goto } of departures) {
    for (const { to } of scope.graph.edges.get(node) ?? []) next.add(to);
    for (const route of scope.graph.routes.get(node) ?? [])
      for (const target of await choose(scope, route, values)) next.add(target);
    for (const target of goto) next.add(target);
  }
  next.delete(END);
  return [...next];
}

async function choose(
  scope: RunScope,
  { from, route, targets }: RouteDefinition,
  values: Values,
): Promise<readonly string[]> {
  const chosen = await callRoute(scope, from, route, values);
  const names: readonly unknown[] = Array.isArray(chosen) ? chosen : [chosen];
  return names.map((name) => {
    if (typeof name === 'string' && targets.includes(name)) return name;
    const remedy = `Return one of them, or add it to the targets of addConditionalEdges(${quoteId(from)}, …).`;
    throw new UnknownTargetError(from, String(name), targets, remedy, { threadId: scope.threadId });
  });
}

async function callRoute(
  { threadId, storage }: RunScope,
  from: string,
  route: RouteDefinition['route'],
  values: Values,
) {
  try {
    return await route(viewOf(values, storage.keeper));
  } catch (cause) {
    throw new RouteFailedError({ node: from, threadId, cause });
  }
}
