/** `npm run bench`: side-by-side measurements, each a ratio within one run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureMemoryCommits, measureSqliteCommits } from './commits.js';
import { measureReads } from './reads.js';
import type { Result } from './rounds.js';

const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'));
try {
  print('SQLite, synchronous=FULL', await measureSqliteCommits(folder, 'full'));
  print('SQLite, synchronous=NORMAL', await measureSqliteCommits(folder, 'normal'));
  print('Memory', await measureMemoryCommits());
  print('Reading 1,000 checkpoints on SQLite', await measureReads(folder));
} finally {
  rmSync(folder, { recursive: true });
}

function print(title: string, results: readonly Result[]): void {
  console.log(`\n${title}`);
  for (const { name, perSecond, ratio } of results) {
    console.log(
      `  ${name.padEnd(40)} ${Math.round(perSecond).toLocaleString('en').padStart(10)} /s   ${ratio.toFixed(2)} ×`,
    );
  }
}
