/** docs/conformance.md says what the suite is. */
import { readFileSync } from 'node:fs';
import * as suite from '@cairn/conformance-tests';
import { expect, it } from 'vitest';
import { conformancePage, pageFile } from '../scripts/conformance-page.mjs';

it('docs/conformance.md shows every case and every mutant as they are (else run scripts/conformance-page.mjs)', () => {
  expect(readFileSync(pageFile, 'utf8')).toBe(conformancePage(suite));
});
