/** The program of another process: opens the harness's saver on the case's store and does what the case asks. */
import type { JsonValue } from '@cairn/checkpoint-core';
import { describeError } from './fixtures/outcomes.js';
import { testClock } from './fixtures/test-clock.js';
import { importHarness } from './import-harness.js';
import { mutantHarness } from './mutants/mutant-harness.js';
import { mutants } from './mutants.js';
import { doJob } from './processes/do-job.js';
import type { FromWorker, ToWorker, WorkerSettings } from './processes/jobs.js';

async function work({ module, location, mutant }: WorkerSettings): Promise<void> {
  const given = await importHarness(module);
  const defect = mutants.find(({ id }) => id === mutant);
  const harness = defect === undefined ? given : mutantHarness(given, defect);
  const saver = await harness.open(location as JsonValue, { clock: testClock() });
  const answer = (message: FromWorker): void => void process.send?.(message);
  process.on('message', ({ id, job }: ToWorker) => {
    void doJob(saver, job, (lane) => answer({ kind: 'acknowledged', lane })).then((outcomes) =>
      answer({ kind: 'done', id, outcomes }),
    );
  });
  // When the case lets go of it.
  process.on('disconnect', () => void saver.close().finally(() => process.exit()));
  answer({ kind: 'ready' });
}

work(JSON.parse(process.argv[2] ?? '{}') as WorkerSettings).catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(1);
});
