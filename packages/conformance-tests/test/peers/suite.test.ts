/**
 * Cairn's suite over LangGraph.js's savers. Each verdict is recorded in `verdicts.json`; docs/peers.md is made of them.
 *
 * A usual run holds the recorded verdicts to a selection: every broken case, and the cheap ones that are kept. With
 * PEERS=all every case is run and the verdicts are written anew, which takes minutes.
 */
import { writeFileSync } from 'node:fs';
import { type CaseResult, conformanceCases, runConformance } from '@cairn/conformance-tests';
import { afterAll, describe, expect, it } from 'vitest';
import { notionOfCase, type Verdict, verdictOf } from './bridge/judge.js';
import { dropDatabases, type Peer, type PeerName, peerHarness, peers } from './peers.js';
import { bridgedCases, recordedVerdicts, type Verdicts, verdictsFile } from './verdicts.js';

const isWhole = process.env['PEERS'] === 'all';
const timeoutMs = isWhole ? 900_000 : 120_000;

/** Kept everywhere, and long: thousands of writes, hundreds of threads, a thousand channels as lists of numbers. */
const longCases = /many|wide|every-kind|all-at-once|polls|never-half|numeric-order|left-early|pages|strings|deep/;

afterAll(dropDatabases);

describe("LangGraph.js's savers, by the suite", () => {
  it('every case that is set down as asking for a missing notion exists', () => {
    const ids = new Set(conformanceCases.map(({ id }) => id));
    for (const id of notionOfCase.keys()) expect(ids).toContain(id);
  });

  if (isWhole) {
    it('writes down what every case says', { timeout: timeoutMs }, async () => {
      const verdicts: Partial<Record<PeerName, Record<string, Verdict>>> = {};
      for (const peer of peers) verdicts[peer.name] = await judge(peer, bridgedCases);
      writeFileSync(verdictsFile, `${JSON.stringify(verdicts, undefined, 2)}\n`);
    });
    return;
  }

  const recorded = recordedVerdicts();
  for (const peer of peers) {
    it(`${peer.name} keeps and breaks what is recorded of it`, { timeout: timeoutMs }, async () => {
      const selected = selection(recorded, peer.name);
      const verdicts = await judge(peer, selected);
      expect(verdicts).toEqual(Object.fromEntries(selected.map((id) => [id, recorded[peer.name][id]])));
    });
  }
});

async function judge(peer: Peer, only: readonly string[]): Promise<Record<string, Verdict>> {
  const verdicts: Record<string, Verdict> = {};
  const exactly = new Set(only);
  const onResult = (result: CaseResult): void => {
    const verdict = verdictOf(result);
    if (verdict !== undefined && exactly.has(result.id)) verdicts[result.id] = verdict;
  };
  await runConformance(peerHarness(peer), { seed: 1, only, onResult });
  return verdicts;
}

/** A notion that is missing is missing from all of them, so that one is asked for those. */
function selection(recorded: Verdicts, name: PeerName): string[] {
  return Object.entries(recorded[name]).flatMap(([id, verdict]) => {
    if (verdict === 'broken') return [id];
    const isCheap =
      !longCases.test(id) &&
      (verdict === 'kept' ? name !== 'PostgresSaver' || /^law-[16]|^law-9.list-[ln]/.test(id) : name === 'MemorySaver');
    return isCheap ? [id] : [];
  });
}
