// The demo's sentences: what it is about to do, each kill, and how it ended.
import { relative, resolve } from 'node:path';
import colours from 'picocolors';
import { endpointOf } from '../classify/choose-classifier.js';
import type { DemoReport } from './demo.js';
import { type DemoOptions, KEPT_FOLDER } from './demo-options.js';
import type { MadeKill } from './supervise.js';

export function describeRun(options: DemoOptions, tickets: number): string[] {
  const { saver, seed, kills, sabotage } = options;
  const endpoint = endpointOf(process.env);
  return [
    `${colours.bold('Refund desk')}: ${tickets} tickets, one durable thread each, on the ${saver} saver`,
    `seed ${seed} (the same again: --seed ${seed}), ${kills === 1 ? '1 kill' : `${kills} kills`}, read by ${endpoint === undefined ? 'the built-in rules' : `${endpoint.model} at ${endpoint.baseURL}`}`,
    ...(saver === 'memory' ? ['A memory store dies with its process, so this run is not killed.'] : []),
    ...(sabotage
      ? [colours.yellow('Sabotage: refunds go out without their idempotency key. Expect duplicates, and exit code 1.')]
      : []),
  ];
}

export function describeKill({ kill, fromOutside, completed }: MadeKill, nth: number, wanted: number): string {
  return `${colours.yellow(`kill ${nth} of ${wanted}`)}: SIGKILL ${placeOf(kill, fromOutside)}, ${completed} tickets completed; starting again`;
}

function placeOf(kill: MadeKill['kill'], fromOutside: boolean): string {
  if (fromOutside || kill.crashAt === undefined) return 'from outside';
  return kill.inTheGap ? "between the ledger's commit and the step's record" : `at ${kill.crashAt.split('#')[0]}`;
}

export function describeEnd(
  { seed, sabotage, keep }: DemoOptions,
  { findings, failures, figures, kept }: DemoReport,
): string[] {
  const broken = findings.filter((finding) => !finding.holds).length;
  const duplicates = figures.ledger.duplicates.length;
  return [
    ...[...failures].map(([threadId, message]) => `${colours.red('FAIL')}  ${threadId}: ${message}`),
    broken === 0
      ? colours.green('Every invariant holds.')
      : colours.red(`${broken} of ${findings.length} invariants do not hold (seed ${seed}).`),
    ...(sabotage
      ? [
          `That is what the key is for: without it ${duplicates === 1 ? '1 customer was' : `${duplicates} customers were`} paid twice.`,
        ]
      : []),
    ...(kept === undefined ? [] : keptLines(kept, keep !== undefined)),
  ];
}

function keptLines(folder: string, asked: boolean): string[] {
  // Started by the repository's npm script, the reader may have no Node of their own that is new enough.
  const isScript = process.env['npm_lifecycle_event'] === 'demo';
  const desk = isScript ? 'npm run desk --' : [process.execPath, process.argv[1] ?? ''].map(shortPath).join(' ');
  const dir = folder === resolve(KEPT_FOLDER) ? '' : ` --dir ${shortPath(folder)}`;
  return [
    `${asked ? 'Kept in' : 'Its files are in'} ${folder}. To look around:`,
    ...['list', 'show THREAD', 'approve THREAD'].map((command) => `  ${desk} ${command}${dir}`),
  ];
}

function shortPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}
