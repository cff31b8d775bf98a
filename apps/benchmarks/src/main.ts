/** `npm run bench`: side-by-side measurements, each a ratio within one run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureMemoryCommits, measureSqliteCommits } from './commits.js';
import { measureCompression } from './compression.js';
import { measureChainReads, measureCommitTimes, measureStoredBytes } from './deltas.js';
import { measureReads } from './reads.js';
import type { Result } from './rounds.js';
import { measureGrowth, measureSupersteps } from './supersteps.js';

const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'));
try {
  print('SQLite, synchronous=FULL', await measureSqliteCommits(folder, 'full'));
  print('SQLite, synchronous=NORMAL', await measureSqliteCommits(folder, 'normal'));
  print('Memory', await measureMemoryCommits());
  print('Reading 1,000 checkpoints on SQLite', await measureReads(folder));
  print('Commits of 1 KB in memory', await measureCommitTimes());
  for (const [what, results] of await measureChainReads(folder)) print(`Loading ${what} of 5,000 commits`, results);
  console.log('\nStored on SQLite, once the WAL is folded in');
  for (const { name, bytes, most } of await measureStoredBytes(folder))
    console.log(
      `  ${name.padEnd(40)} ${megabytes(bytes)}   at most ${megabytes(most)}${bytes > most ? '   TOO MUCH' : ''}`,
    );
  console.log('\nCompression of a chat of 1 MB on SQLite');
  for (const { work, results } of await measureCompression(folder))
    for (const { name, ratio, bytes } of results)
      console.log(`  ${`${work}, ${name}`.padEnd(56)} ${megabytes(bytes)}   ${ratio.toFixed(2)} × the speed`);
  for (const [where, results] of await measureSupersteps(folder))
    print(`Supersteps that append 1 KB, ${where}`, results);
  console.log('\nThe file after 100 supersteps that append 1 KB');
  for (const { name, bytes } of await measureGrowth(folder))
    console.log(`  ${name.padEnd(40)} ${(bytes / 1e6).toFixed(1)} MB`);
} finally {
  rmSync(folder, { recursive: true });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`.padStart(9);
}

function print(title: string, results: readonly Result[]): void {
  console.log(`\n${title}`);
  for (const { name, perSecond, ratio } of results) {
    console.log(
      `  ${name.padEnd(40)} ${Math.round(perSecond).toLocaleString('en').padStart(10)} /s   ${ratio.toFixed(2)} ×`,
    );
  }
}
