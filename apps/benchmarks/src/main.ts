/** `npm run bench`: side-by-side measurements, each a ratio within one run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureChat } from './chat.js';
import { type Check, describeCheck, holds } from './check.js';
import { measureMemoryCommits, measureSqliteCommits } from './commits.js';
import { measureCompression } from './compression.js';
import { measureChainReads, measureCommitTimes, measureStoredBytes } from './deltas.js';
import { measureDurability } from './durability.js';
import { measureEncryption } from './encryption.js';
import { measurePostgres } from './postgres/measure-postgres.js';
import { measureReads } from './reads.js';
import type { Result } from './rounds.js';
import { measureGrowth } from './supersteps/growth.js';
import { measureOtherLengths, measureSupersteps } from './supersteps/measure-supersteps.js';
import { measureUntouched } from './untouched.js';

const { saver } = parseArgs({ options: { saver: { type: 'string' } } }).values;
let missed = 0;
if (saver !== undefined && saver !== 'postgres')
  throw new Error(`npm run bench, or with --saver postgres; not ${saver}.`);
if (saver === undefined) await measureSqliteAndMemory();
console.log('\nWhat is to hold on PostgreSQL, measured');
for await (const bound of measurePostgres()) check(bound);
console.log(missed === 0 ? '\nAll bounds hold.' : `\n${missed} bounds MISSED.`);
if (missed > 0) process.exitCode = 1;

async function measureSqliteAndMemory(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'));
  try {
    console.log('What is to hold, measured');
    const chat = await measureChat(folder, 'full');
    check({ name: 'saves of a chat, FULL, in the time of one bare INSERT', measured: chat, least: 0.6, unit: '×' });
    for (const stored of await measureStoredBytes(folder)) check(stored);
    for (const read of await measureChainReads(folder)) check(read);
    for (const untouched of await measureUntouched(folder)) check(untouched);
    for (const time of await measureCommitTimes()) check(time);
    for await (const overhead of measureSupersteps(folder)) check(overhead);

    console.log('\nSupersteps on threads of other lengths, for each of LangGraph.js');
    for await (const { where, length, ratio } of measureOtherLengths(folder)) {
      console.log(`  ${`${where}, threads of ${length.toLocaleString('en')}`.padEnd(56)} ${ratio.toFixed(2)} ×`);
    }
    console.log('\nA thread of 1,000 supersteps that append 1 KB on SQLite');
    for (const { name, bytes, ratio } of await measureGrowth(folder)) {
      console.log(`  ${name.padEnd(40)} ${megabytes(bytes)}   ${ratio.toFixed(2)} × the speed`);
    }
    console.log('\nSaves of a chat, NORMAL, in the time of one bare INSERT');
    console.log(`  ${(await measureChat(folder, 'normal')).toFixed(2)} ×`);
    print('SQLite, synchronous=FULL', await measureSqliteCommits(folder, 'full'));
    print('SQLite, synchronous=NORMAL', await measureSqliteCommits(folder, 'normal'));
    print('Memory', await measureMemoryCommits());
    print('Reading 1,000 checkpoints on SQLite', await measureReads(folder));
    console.log('\nCompression of a chat of 1 MB on SQLite');
    for (const { work, results } of await measureCompression(folder)) {
      for (const { name, ratio, bytes } of results) {
        console.log(`  ${`${work}, ${name}`.padEnd(56)} ${megabytes(bytes)}   ${ratio.toFixed(2)} × the speed`);
      }
    }
    console.log('\nEncryption, beside the same without');
    for (const { work, results } of await measureEncryption(folder)) {
      console.log(`  ${work.padEnd(56)} ${results[1]?.ratio.toFixed(2)} × the speed`);
    }
    console.log(
      '\nA superstep that appends 1 KB on SQLite, FULL, by durability: its time, and what a killed process runs again',
    );
    for (const { durability, time, commits, runAgain } of await measureDurability(folder)) {
      const again = runAgain === undefined ? 'all since the input' : `${runAgain} at most`;
      console.log(
        `  ${durability.padEnd(14)} ${time.toFixed(2)} ×   ${String(commits).padStart(3)} commits   ${again}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`.padStart(9);
}

function check(measured: Check): void {
  console.log(describeCheck(measured));
  if (!holds(measured)) missed += 1;
}

function print(title: string, results: readonly Result[]): void {
  console.log(`\n${title}`);
  for (const { name, perSecond, ratio } of results) {
    console.log(
      `  ${name.padEnd(40)} ${Math.round(perSecond).toLocaleString('en').padStart(10)} /s   ${ratio.toFixed(2)} ×`,
    );
  }
}
