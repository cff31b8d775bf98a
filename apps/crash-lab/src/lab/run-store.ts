/** One store's history: a worker after the other is killed on it, and a last one brings everything to its end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Line } from '../life/lines.js';
import type { SaverName } from '../stores/location.js';
import { makeStore } from '../stores/make-store.js';
import type { Kill } from './kill.js';
import { Ledger } from './ledger.js';
import { type Life, live } from './live.js';

/** What came of one kill. */
export interface KillReport {
  readonly at: string;
  /** Changes that were under way and turned out stored, and not stored. */
  readonly stored: number;
  readonly absent: number;
  /** Checkpoints that the next process read whole and verified. */
  readonly checkpoints: number;
  readonly broken: readonly string[];
}

export interface StoreReport {
  readonly kills: readonly KillReport[];
  /** Effects that happened twice, allowed as their worker died before the result was stored. */
  readonly repeats: number;
  /** Threads of graphs that came to their end. */
  readonly ended: number;
  /** The folder, kept when something is broken. */
  readonly kept: string | undefined;
}

export async function runStore(
  saver: SaverName,
  kills: readonly Kill[],
  ends: ReadonlyMap<string, string>,
): Promise<StoreReport> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-crash-'));
  const store = await makeStore(saver, folder);
  writeFileSync(join(folder, 'location'), JSON.stringify(store.location));
  const [journal, ledger]: [Line[], Ledger] = [[], new Ledger(folder)];
  const reports: KillReport[] = [];
  let ended = 0;
  // After the kills, one life that brings all to its end, and one that only finds that it did.
  for (let number = 0; number <= kills.length + 1; number += 1) {
    const kill = kills[number];
    writeFileSync(join(folder, 'journal'), journal.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const life = await live(folder, number, kill);
    await store.settle();
    const broken = [...endFaults(kill, life), ...lifeFaults(life, journal, ends)];
    const found = life.lines.find((line) => line.say === 'found');
    broken.push(
      ...ledger.takeLife(
        found?.steps ?? [],
        life.lines.flatMap((l) => (l.say === 'recorded' ? [l.step] : [])),
      ),
    );
    const before = kills[number - 1];
    const report = before && reportOf(before, found, journal, broken);
    if (report) reports.push(report);
    else if (broken.length > 0) reports.push({ at: kill?.at ?? 'none', stored: 0, absent: 0, checkpoints: 0, broken });
    ended += life.lines.filter(({ say }) => say === 'ended').length;
    journal.push(...life.lines);
    if ((report?.broken ?? broken).length > 0) return { kills: reports, repeats: ledger.repeats, ended, kept: folder };
  }
  await store.destroy();
  rmSync(folder, { recursive: true, force: true });
  return { kills: reports, repeats: ledger.repeats, ended, kept: undefined };
}

function endFaults(kill: Kill | undefined, { signal, complaint }: Life): string[] {
  if (kill === undefined)
    return signal === null && complaint === '' ? [] : [`The last worker ended badly: ${signal} ${complaint}`];
  if (signal === 'SIGKILL') return [];
  return [`A worker was to be killed at ${kill.at}#${kill.count} and ended by itself. ${complaint}`];
}

function lifeFaults({ lines }: Life, journal: readonly Line[], ends: ReadonlyMap<string, string>): string[] {
  const broken = lines.flatMap((line) => {
    if (line.say === 'broken') return [line.what];
    if (line.say !== 'ended' || JSON.stringify(line.end) === ends.get(line.shape)) return [];
    return [`Thread ${line.threadId} came to another end than undisturbed: ${JSON.stringify(line.end)}`];
  });
  broken.push(...beganFaults(lines));
  const fences = fencesOf(lines);
  const last = Math.max(0, ...fencesOf(journal));
  if (fences.some((fence) => fence <= last)) broken.push('A fence did not grow over a kill.');
  return broken;
}

/** A node begins only once the checkpoint before it is acknowledged. */
function beganFaults(lines: readonly Line[]): string[] {
  const underWay = new Map<number, string>();
  return lines.flatMap((line) => {
    if (line.say === 'try' && line.change.method === 'put') underWay.set(line.n, line.change.threadId);
    else if (line.say === 'done' || line.say === 'refused') underWay.delete(line.n);
    if (line.say !== 'began' || ![...underWay.values()].includes(line.threadId)) return [];
    return [`A node of thread ${line.threadId} began before the commit it follows was acknowledged.`];
  });
}

function fencesOf(lines: readonly Line[]): number[] {
  return lines.flatMap((line) => (line.say === 'done' && line.fence !== undefined ? [line.fence] : []));
}

type Found = Extract<Line, { say: 'found' }>;

/** @param journal - of all lives up to the one that was killed. */
function reportOf(
  kill: Kill,
  found: Found | undefined,
  journal: readonly Line[],
  broken: readonly string[],
): KillReport {
  const settled = found?.settled ?? [];
  const stored = settled.filter(([, isStored]) => isStored);
  const counts = {
    stored: stored.length,
    absent: settled.length - stored.length,
    checkpoints: found?.checkpoints ?? 0,
  };
  return { at: kill.at, ...counts, broken: [...broken, ...momentFaults(kill, settled, journal)] };
}

/**
 * Before and inside its transaction a change is not stored; after it, it is.
 *
 * SqliteSaver has one transaction at a time, so what holds of the one at the point holds of all that were under way. Of
 * PostgresSaver's, on a connection each, it holds of one at least; once its statement is sent (`inside`) either may be.
 */
function momentFaults({ at }: Kill, settled: Found['settled'], journal: readonly Line[]): string[] {
  const [, saver, method, moment] = /^(sqlite|postgres):(.*)-(before|inside|uncommitted|after)$/.exec(at) ?? [];
  if (method === undefined) return [];
  const underWay = underWayIn(journal, method);
  const observed = settled.filter(([n]) => underWay.has(n));
  // The one at the point may be one that leaves nothing to see.
  if (observed.length < underWay.size) return [];
  if (moment === 'after') {
    const isLost = observed.length > 0 && observed.every(([, stored]) => !stored);
    return isLost ? [`Nothing of what was committed before ${at} is stored.`] : [];
  }
  if (saver === 'postgres' && moment === 'inside') return [];
  // Of a prune its earlier transactions may be.
  const stored = (saver === 'sqlite' ? settled : observed).filter(([, outcome]) => outcome === true);
  const mayBe = saver === 'sqlite' ? 0 : Math.max(0, observed.length - 1);
  return stored.length > mayBe ? [`Something is stored that was not committed at ${at}.`] : [];
}

/** What the life that was killed had asked for by this method, without an outcome. */
function underWayIn(journal: readonly Line[], method: string): ReadonlySet<number> {
  const underWay = new Set<number>();
  for (const line of journal.slice(journal.findLastIndex(({ say }) => say === 'found') + 1)) {
    if (line.say === 'try' && line.change.method === method) underWay.add(line.n);
    else if (line.say === 'done' || line.say === 'refused') underWay.delete(line.n);
  }
  return underWay;
}
