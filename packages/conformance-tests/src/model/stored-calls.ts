/** Which of the calls that were made a store holds after it was cut off: what some number of them make, and nothing else. */
import assert from 'node:assert/strict';
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import type { ThreadLane } from '../fixtures/lanes.js';
import { describeError } from '../fixtures/outcomes.js';
import type { MethodCall } from '../processes/jobs.js';
import { assertThreads } from './assert-store.js';
import { ModelStore } from './model-store.js';

/**
 * How many of the lane's calls the store shows.
 *
 * @param acknowledged - so many it must show at least; the next one was under way, and may be stored too.
 */
export async function storedCalls(saver: CheckpointSaver, lane: ThreadLane, acknowledged: number): Promise<number> {
  let difference: unknown;
  const model = modelAfter(lane.calls.slice(0, acknowledged));
  for (let count = acknowledged; count <= lane.calls.length; count += 1) {
    if (count > acknowledged) play(model, lane.calls[count - 1] as MethodCall);
    try {
      await assertThreads(saver, model, lane.threads);
      return count;
    } catch (error) {
      difference ??= error;
    }
    // One call is under way at a time, so no more than it can have been stored without being acknowledged.
    if (count > acknowledged) break;
  }
  throw new Error(
    `the store holds neither what was acknowledged (${acknowledged} calls of ${lane.name}) nor that and the call under way: ${describeError(difference)}`,
    { cause: difference },
  );
}

function modelAfter(calls: readonly MethodCall[]): ModelStore {
  const model = new ModelStore();
  for (const call of calls) play(model, call);
  return model;
}

function play(model: ModelStore, { method, args }: MethodCall): void {
  if (method === 'setup') return;
  const run: unknown = Reflect.get(model, method);
  assert.ok(typeof run === 'function', `the case itself is wrong: the model has no ${method}`);
  const faults: unknown = Reflect.apply(run, model, args);
  assert.ok(!Array.isArray(faults) || faults.length === 0, `the case itself is wrong: its ${method} must be refused`);
}
