/** docs/peers.md says what was run. */
import { fileURLToPath } from 'node:url';
import { conformanceCases } from '@cairn/conformance-tests';
import { expect, it } from 'vitest';
import { peersPage } from './page.js';
import { peers } from './peers.js';
import { bridgedCases, excludes, recordedVerdicts, verdictIn } from './verdicts.js';

it('docs/peers.md shows the recorded verdicts and the pinned reproductions (else run this test with -u)', async () => {
  await expect(peersPage()).toMatchFileSnapshot(fileURLToPath(new URL('../../../../docs/peers.md', import.meta.url)));
});

it('every bridged case has a verdict for every saver that its nature does not exclude (else record them: PEERS=all)', () => {
  const verdicts = recordedVerdicts();
  const bridged = new Set(bridgedCases);
  for (const { name } of peers) {
    const unjudged = conformanceCases.filter(
      ({ id, requires }) => bridged.has(id) && verdictIn(verdicts, name, id) === undefined && !excludes(name, requires),
    );
    expect(unjudged.map(({ id }) => id)).toEqual([]);
  }
});
