/** Playing calls on a store that records its file operations, and looking at what a power cut between any two leaves. */
import assert from 'node:assert/strict';
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import type { CaseContext } from '../context.js';
import type { ThreadLane } from '../fixtures/lanes.js';
import { describeError } from '../fixtures/outcomes.js';
import type { RecordedStore } from '../harness.js';
import { storedCalls } from '../model/stored-calls.js';
import { doJob } from '../processes/do-job.js';
import { Disk } from './disk.js';

/** Opens a store of the harness whose file operations are recorded, and removes it when `use` has ended. */
export async function withRecordedStore(
  { harness, clock }: CaseContext,
  use: (store: RecordedStore) => Promise<void>,
): Promise<void> {
  assert.ok(harness.recordStore, 'the case itself is wrong: it does not require a recorded store');
  const store = await harness.recordStore({ clock });
  try {
    await use(store);
  } finally {
    await store.destroy();
  }
}

/** What was acknowledged when: how many of a lane's calls, once so many file operations had been made. */
export type Acknowledged = (lane: string, moment: number) => number;

/** Plays the lanes at once on the store, with the power on. */
export async function playRecorded(
  store: RecordedStore,
  lanes: readonly ThreadLane[],
): Promise<{ readonly acknowledged: Acknowledged; readonly moments: readonly number[] }> {
  const calls: { readonly lane: string; readonly at: number }[] = [];
  const outcomes = await doJob(store.saver, { kind: 'play', lanes }, (lane) =>
    calls.push({ lane, at: store.operations.length }),
  );
  for (const outcome of outcomes) assert.ok(outcome.ok, `a call failed with the power on: ${JSON.stringify(outcome)}`);
  return {
    acknowledged: (lane, moment) => calls.filter((call) => call.lane === lane && call.at <= moment).length,
    moments: calls.map(({ at }) => at),
  };
}

/**
 * Plays the lanes at once, then cuts the power right after each acknowledgement, when nothing may be missing, and at
 * `more` moments at random; and holds every lane to what had been acknowledged by then.
 */
export async function playPowerCuts(
  context: CaseContext,
  store: RecordedStore,
  lanes: readonly ThreadLane[],
  more: number,
): Promise<void> {
  const { acknowledged, moments } = await playRecorded(store, lanes);
  const random = Array.from({ length: more }, () => context.random.below(store.operations.length + 1));
  await cutPower(context, store, [...moments, ...random], async (saver, moment) => {
    for (const lane of lanes) await storedCalls(saver, lane, acknowledged(lane.name, moment));
  });
}

/**
 * Replays the operations up to each moment, cuts the power there twice, with nothing left of what was not synced and with
 * parts of it, and opens a saver on what is found each time.
 *
 * @param moments - so many operations were made when the power was cut; in any order.
 */
export async function cutPower(
  { random }: Pick<CaseContext, 'random'>,
  { operations, reopen }: Pick<RecordedStore, 'operations' | 'reopen'>,
  moments: readonly number[],
  look: (saver: CheckpointSaver, moment: number) => Promise<void>,
): Promise<void> {
  const disk = new Disk();
  let done = 0;
  for (const moment of [...new Set(moments)].sort((a, b) => a - b)) {
    for (const operation of operations.slice(done, moment)) disk.apply(operation);
    done = moment;
    for (const survival of ['none', 'some'] as const) {
      try {
        await using saver = await reopen(disk.afterPowerCut(survival, random));
        await look(saver, moment);
      } catch (cause) {
        const cut = `After a power cut at file operation ${moment}, with ${survival} of what was not synced`;
        throw new Error(`${cut}: ${describeError(cause)}`, { cause });
      }
    }
  }
}
