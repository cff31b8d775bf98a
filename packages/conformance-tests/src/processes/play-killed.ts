/** Killing a process in the middle of its calls, again and again, and looking at what it leaves behind. */
import assert from 'node:assert/strict';
import type { CaseContext } from '../context.js';
import type { ThreadLane } from '../fixtures/lanes.js';
import { wait } from '../fixtures/time.js';
import { storedCalls } from '../model/stored-calls.js';
import type { MethodCall } from './jobs.js';

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
  lanes: readonly ThreadLane[],
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

function isRepeatable(call: MethodCall | undefined): boolean {
  return call === undefined || call.method === 'put' || call.method === 'putWrites' || call.method === 'setup';
}
