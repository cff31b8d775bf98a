/** Playing random sequences on a saver and on the model, and telling the shortest one on which they differ. */

import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { counted } from '@cairn/checkpoint-core';
import fc from 'fast-check';
import type { CaseContext } from '../context.js';
import { describeError } from '../fixtures/outcomes.js';
import { assertThreads } from './assert-store.js';
import type { Step } from './step.js';
import { World } from './world.js';

/** How many sequences a case plays when it is not told to play more, and how long the longest is. */
const sequences = 30;
const maxSteps = 60;
/** Shrinking stops here, so that a slow saver still gets an answer before its case's time is over. */
const timeLimitMs = 40_000;

/**
 * Plays random sequences of the steps; the same seed plays the same ones on every saver.
 *
 * @param savers - the instances that take turns, on one store.
 * @throws Error with the shortest failing sequence, the seed, and what differed as its cause.
 */
export async function playSequences(
  { seed, times }: Pick<CaseContext, 'seed' | 'times'>,
  savers: readonly CheckpointSaver[],
  steps: fc.Arbitrary<Step>[],
): Promise<void> {
  let played = 0;
  const property = fc.asyncProperty(fc.commands(steps, { maxCommands: maxSteps, size: 'max' }), async (commands) => {
    played += 1;
    const world = new World(savers, `sequence-${played}`);
    await fc.asyncModelRun(() => ({ model: world, real: world }), commands);
    await assertThreads(world.saver, world.model, [...world.named]);
  });
  const details = await fc.check(property, {
    seed,
    numRuns: sequences * times,
    interruptAfterTimeLimit: timeLimitMs * times,
    markInterruptAsFailure: true,
  });
  if (!details.failed) return;
  const { counterexample, counterexamplePath, numShrinks, errorInstance } = details;
  if (counterexample === null) {
    throw new Error(
      `Only ${details.numRuns} of ${sequences * times} sequences could be played in time (seed ${seed}).`,
    );
  }
  throw new Error(
    [
      `${describeError(errorInstance)}`,
      `after these steps (seed ${seed}, path ${counterexamplePath ?? ''}, shrunk ${counted(numShrinks, 'time')}):`,
      ...String(counterexample)
        .split(/,(?=[a-zA-Z]+ \{)/)
        .map((step) => `  ${step}`),
    ].join('\n'),
    { cause: errorInstance },
  );
}
