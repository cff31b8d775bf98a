/**
 * The ids of tasks and the keys of their effects: digests of where a task stands in its run, never of anything made anew
 * after a crash.
 */
import { createHash } from 'node:crypto';
import type { Namespace, RunPosition, TaskPlan } from '@cairn/checkpoint-core';

/** The tasks of a superstep, in fold order, with their ids. */
export function planTasks(nodes: readonly string[], position: RunPosition): readonly TaskPlan[] {
  return nodes.map((node, path) => ({ id: taskId(node, path, position), node }));
}

function taskId(node: string, path: number, { startId, superstep }: RunPosition): string {
  return digest('task', startId, superstep, path, node).slice(0, 22);
}

/** Where an effect stands. */
export interface EffectAddress {
  readonly threadId: string;
  readonly namespace: Namespace;
  readonly run: RunPosition;
  /** The task's index in its superstep. */
  readonly path: number;
  readonly name: string;
  /** Tells the rounds of a loop apart. */
  readonly key: string | undefined;
}

export function idempotencyKey({ threadId, namespace, run, path, name, key }: EffectAddress): string {
  const round = key === undefined ? [] : [key];
  return digest('effect', threadId, namespace, run.startId, run.superstep, path, name, ...round);
}

/** JSON of an array is injective, so no two addresses share a text. */
function digest(...address: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(address)).digest('base64url');
}
