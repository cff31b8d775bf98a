/** What a worker does with a job: the saver's calls, made in this process. */
import { type CheckpointSaver, hasCode } from '@cairn/checkpoint-core';
import { builders } from '../fixtures/commits.js';
import { describeError } from '../fixtures/outcomes.js';
import { seededRandom } from '../fixtures/random.js';
import { testClock } from '../fixtures/test-clock.js';
import { tick } from '../fixtures/time.js';
import type { CallOutcome, Job, Lane, MethodCall } from './jobs.js';

/** @param acknowledge - told of each call of a lane that the saver has acknowledged. */
export async function doJob(
  saver: CheckpointSaver,
  job: Job,
  acknowledge: (lane: string) => void,
): Promise<CallOutcome[]> {
  switch (job.kind) {
    case 'call':
      return Promise.all(job.calls.map((each) => outcomeOf(call(saver, each))));
    case 'increment':
      return [await outcomeOf(increment(saver, job))];
    case 'play':
      return Promise.all(job.lanes.map((lane) => outcomeOf(play(saver, lane, acknowledge))));
  }
}

/** Counts up by one from what is stored, as an agent that adds to its state would. */
async function increment(saver: CheckpointSaver, job: Extract<Job, { kind: 'increment' }>): Promise<void> {
  const build = builders(seededRandom(0, job.name), testClock());
  for (let done = 0; done < job.count; ) {
    const stored = await saver.get(job.stream);
    if (stored === undefined) throw new TypeError('the stream to count in is not there');
    const count = Number(Buffer.from(stored.records[0]?.bytes ?? []).toString());
    const bytes = Buffer.from(String(count + 1));
    try {
      await saver.put(build.next(stored.header, { changes: [{ channel: 'count', bytes }] }));
      done += 1;
    } catch (error) {
      if (!hasCode(error, 'CAIRN_CHECKPOINT_CONFLICT')) throw error;
      await tick();
    }
  }
}

async function play(saver: CheckpointSaver, lane: Lane, acknowledge: (lane: string) => void): Promise<void> {
  for (const each of lane.calls) {
    await call(saver, each);
    acknowledge(lane.name);
  }
}

async function call(saver: CheckpointSaver, { method, args }: MethodCall): Promise<unknown> {
  const run: unknown = saver[method];
  if (typeof run !== 'function') throw new TypeError(`the saver has no method ${method}`);
  return (await Reflect.apply(run, saver, args)) as unknown;
}

async function outcomeOf(call: Promise<unknown>): Promise<CallOutcome> {
  try {
    return { ok: true, value: await call };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    return { ok: false, code, message: describeError(error) };
  }
}
