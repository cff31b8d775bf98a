/** docs/peers.md says what was run. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { peersPage } from './page.js';

it('docs/peers.md shows the recorded verdicts and the pinned reproductions (else run this test with -u)', async () => {
  await expect(peersPage()).toMatchFileSnapshot(fileURLToPath(new URL('../../../../docs/peers.md', import.meta.url)));
});
