/** Killing a process in the middle of its calls, again and again, and looking at what it leaves behind. */
import assert from 'node:assert/strict';
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import type { CaseContext } from '../context.js';
import { describeError } from '../fixtures/outcomes.js';
import { wait } from '../fixtures/time.js';
import { assertThreads } from '../model/assert-store.js';
import { ModelStore } from '../model/model-store.js';
import type { Lane, MethodCall } from './jobs.js';

/** Calls that a process makes one after the other until it is killed, and goes on with in the next one. */
export interface KilledLane extends Lane {
  /** Every thread that its calls touch; no other lane touches them. */
  readonly threads: readonly string[];
}

/** How a process comes to its end. */
export interface Kill {
  /** The crash point at which it kills itself. Default: it is killed from outside, at a random moment. */
  readonly crashPoint?: string;
}

/**
 * Plays the lanes in a process, kills it, opens the store anew and holds each lane to this: what its threads show is
 * exactly what some number of its calls make, and no fewer than were acknowledged. Then the next process goes on.
 *
 * The call that was under way is sent again, as by a caller who never got its answer.
 */
export async function playKilled(
  context: CaseContext,
  lanes: readonly KilledLane[],
  kills: readonly Kill[],
): Promise<void> {
  const acknowledged = new Map(lanes.map(({ name }) => [name, 0]));
  let killed = 0;
  for (const { crashPoint } of kills) {
    await context.closeInstances();
    const other = await context.startProcess(crashPoint === undefined ? {} : { CAIRN_CRASH_AT: `${crashPoint}#2` });
    let left = 1 + context.random.below(24);
    const playing = other.play(
      lanes.map(({ name, calls }) => ({ name, calls: calls.slice(acknowledged.get(name)) })),
      (lane) => {
        acknowledged.set(lane, (acknowledged.get(lane) ?? 0) + 1);
        left -= 1;
        // Not at an acknowledgement, but anywhere in the calls that follow it.
        if (left === 0 && crashPoint === undefined) void wait(context.random.below(25)).then(() => other.kill());
      },
    );
    const end = await playing;
    await other.kill();
    assert.ok(end === 'killed' || crashPoint === undefined, `the crash point ${crashPoint} was never reached`);
    if (end === 'killed') killed += 1;
    const saver = await context.open();
    for (const lane of lanes) {
      const stored = await storedCalls(saver, lane, acknowledged.get(lane.name) ?? 0);
      // A copy or a deletion that is sent again is refused or does nothing: these go on after what is stored.
      if (!isRepeatable(lane.calls[stored - 1])) acknowledged.set(lane.name, stored);
    }
  }
  assert.ok(killed > 0, 'the case itself is wrong: no process was killed before its calls had ended');
}

/** How many of the lane's calls the store shows. */
async function storedCalls(saver: CheckpointSaver, lane: KilledLane, acknowledged: number): Promise<number> {
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
    `a killed process left neither what it was acknowledged (${acknowledged} calls of ${lane.name}) nor that and the call under way: ${describeError(difference)}`,
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

function isRepeatable(call: MethodCall | undefined): boolean {
  return call === undefined || call.method === 'put' || call.method === 'putWrites' || call.method === 'setup';
}
