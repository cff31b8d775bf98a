import { afterEach, beforeEach, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { commitAfter } from './fixtures/commits.mjs';
import { temporaryFile } from './fixtures/temporary-file.js';
import { traceStatements } from './fixtures/traced-database.js';

const trace = traceStatements();
let saver: SqliteSaver;

beforeEach(async () => {
  saver = new SqliteSaver({ path: temporaryFile(), openDatabase: trace.openDatabase });
  await saver.setup();
  trace.clear();
});

afterEach(() => saver.close());

it('writers that come to a lone one share its transactions before long', async () => {
  await writeAlone('first', 30);
  trace.clear();
  // Each with another distance between its commits, so that they do not keep step by themselves.
  await Promise.all([0, 20, 45].map((pause) => writeAlone(`with a pause of ${pause}`, 60, pause)));
  expect(trace.count('COMMIT')).toBeLessThan(120);
});

it('a timer gets its turn beside a writer that waits for nothing else', async () => {
  let isOver = false;
  setTimeout(() => {
    isOver = true;
  }, 20);
  let commit = commitAfter(undefined);
  while (!isOver && commit.seq < 5_000) {
    await saver.put(commit);
    commit = commitAfter(commit);
  }
  expect(isOver).toBe(true);
});

/** Commit after commit, without giving the event loop a turn; `pause` counts microtasks. */
async function writeAlone(threadId: string, commits: number, pause = 0): Promise<void> {
  let commit = commitAfter(undefined, { threadId });
  for (let count = 0; count < commits; count++) {
    await saver.put(commit);
    commit = commitAfter(commit);
    for (let waited = 0; waited < pause; waited++) await undefined;
  }
}
