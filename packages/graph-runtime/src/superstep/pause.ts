/** Stops that were asked for beforehand: before a node runs, or after it ran. The commit that leads there says so. */
import type { NextTask } from '../task/task-id.js';

/** Nodes by name, or all of them. */
export type PauseNodes = ReadonlySet<string> | '*';

export interface Pauses {
  readonly before: PauseNodes;
  readonly after: PauseNodes;
}

/** What a caller asks for: node names, or `'*'` for every node. */
export interface PauseOptions<Nodes extends string = string> {
  /**
   * Stop before a superstep in which one of these nodes would run; `resume({ threadId })` goes on. Given to a `resume`, it
   * holds for the superstep that this begins with, too, unless the thread had stopped there, or a task of it has begun.
   */
  readonly interruptBefore?: readonly Nodes[] | '*' | undefined;
  /** Stop after a superstep in which one of these nodes ran, unless nothing is left to run; `resume({ threadId })` goes on. */
  readonly interruptAfter?: readonly Nodes[] | '*' | undefined;
}

/** The stops that any of the options asks for. */
export function pausesOf(...options: readonly PauseOptions[]): Pauses {
  return {
    before: joined(options.map(({ interruptBefore = [] }) => interruptBefore)),
    after: joined(options.map(({ interruptAfter = [] }) => interruptAfter)),
  };
}

function joined(all: readonly (readonly string[] | '*')[]): PauseNodes {
  return all.includes('*') ? '*' : new Set(all.flat());
}

/** True when the run is to stop between the nodes that ran and the tasks that are next. */
export function stopsAt(
  { before, after }: Pauses,
  ran: readonly { readonly node: string }[],
  next: readonly NextTask[],
): boolean {
  if (next.length === 0) return false;
  return next.some(({ node }) => includes(before, node)) || ran.some(({ node }) => includes(after, node));
}

function includes(nodes: PauseNodes, node: string): boolean {
  return nodes === '*' || nodes.has(node);
}
