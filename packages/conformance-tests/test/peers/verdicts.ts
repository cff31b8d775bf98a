/** What each case says of each peer, as it was recorded by a run of all of them (see `suite.test.ts`). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { conformanceCases, type Requirement } from '@cairn/conformance-tests';
import { notionOfCase, type Verdict } from './bridge/judge.js';
import type { PeerName } from './peers.js';

export type Verdicts = Readonly<Record<PeerName, Readonly<Record<string, Verdict>>>>;

export const verdictsFile = fileURLToPath(new URL('verdicts.json', import.meta.url));

export function recordedVerdicts(): Verdicts {
  return JSON.parse(readFileSync(verdictsFile, 'utf8')) as Verdicts;
}

/** Cases that are not run over the bridge, and why. */
export const notRun: readonly (readonly [ids: RegExp, reason: string])[] = [
  [
    /^(processes|kill)\//,
    'other processes would have to load the bridge and their savers, and most of these cases need leases too',
  ],
  [
    /^power-cut\//,
    "a power cut is replayed from what a store does to its files, and the harness of their savers can't record that",
  ],
  [
    /^law-10\/put-large-bytes$/,
    'five megabytes of bytes in a channel take minutes on two of their savers, which read them as a list of numbers',
  ],
];

/** What a peer's own nature excludes it from: none of them walks rows, and one is in memory. */
export function excludes(name: PeerName, { maintenance, permanence, shared }: Requirement = {}): boolean {
  return maintenance === true || (name === 'MemorySaver' && (permanence ?? shared) !== undefined);
}

/** The verdict on a case: recorded, or known without a run; undefined where the case is not for this peer. */
export function verdictIn(verdicts: Verdicts, name: PeerName, id: string): Verdict | undefined {
  const missing = notionOfCase.get(id) ?? (needsMaintenance.has(id) ? 'maintenance' : undefined);
  return missing === undefined ? verdicts[name][id] : { missing };
}

const needsMaintenance = new Set(
  conformanceCases.flatMap(({ id, requires }) => (requires?.maintenance === true ? [id] : [])),
);

/** All others; those that ask for a missing notion by their nature have their verdict without a run. */
export const bridgedCases: readonly string[] = conformanceCases
  .map(({ id }) => id)
  .filter((id) => !notRun.some(([ids]) => ids.test(id)) && !notionOfCase.has(id));
