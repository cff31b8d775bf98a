/**
 * Holds docs/peers.md to what LangGraph.js's savers do today: each scenario is run through their public API alone, and
 * once more through Cairn's. A test here that fails after an update is good news, and the page has to say so.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { merits } from './justice.js';
import { ownSavers } from './own-savers.js';
import { dropDatabases, type Peer, peers, versionOf, withPeer } from './peers.js';
import type { Reproduction } from './reproductions/reproduction.js';
import { reproductions } from './reproductions.js';
import { recordedVerdicts } from './verdicts.js';

const timeoutMs = 60_000;

afterAll(dropDatabases);

for (const peer of peers) {
  describe(`LangGraph.js ${peer.name} ${versionOf(peer.package)}`, () => {
    for (const one of reproductions) {
      if (peer.name in one.peers) {
        it(`${one.id}: ${one.statement}`, { timeout: timeoutMs }, async () => {
          expect(await onPeer(one, peer)).toEqual(one.peers[peer.name]);
        });
      } else if (one.rightOn?.includes(peer.name)) {
        it(`${one.id}: does as Cairn does`, { timeout: timeoutMs }, async () => {
          expect(await onPeer(one, peer)).toEqual(one.cairn);
        });
      }
    }

    for (const { says, cases = [], holds } of merits) {
      it(`does well: ${says}`, { timeout: timeoutMs }, async () => {
        for (const id of cases) expect(recordedVerdicts()[peer.name][id], id).toBe('kept');
        if (holds !== undefined) expect(await withPeer(peer, holds)).toBe(true);
      });
    }

    it('breaks no case that no reproduction explains', () => {
      const broken = Object.entries(recordedVerdicts()[peer.name]).filter(([, verdict]) => verdict === 'broken');
      const explained = new Set(
        reproductions.filter((one) => peer.name in one.peers).flatMap(({ explains = [] }) => explains),
      );
      expect(broken.map(([id]) => id).filter((id) => !explained.has(id))).toEqual([]);
    });
  });
}

for (const own of ownSavers) {
  describe(`Cairn ${own.name}`, () => {
    for (const { id, cairn, onCairn } of reproductions) {
      if (onCairn === undefined) continue;
      it(`${id}: does not`, { timeout: timeoutMs }, async () => {
        expect(await own.withSaver(onCairn)).toEqual(cairn);
      });
    }
  });
}

function onPeer(one: Reproduction, peer: Peer): Promise<unknown> {
  return withPeer(peer, (saver, store) => one.onPeer(saver, store));
}
