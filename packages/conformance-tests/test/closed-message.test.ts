/** What a saver's author reads of a call that a closed saver accepted. */

import { MemorySaver } from '@cairn/saver-memory';
import { expect, it } from 'vitest';
import { runConformance } from '../src/index.js';

it('tells of a closed saver which method went on and what it should have thrown', async () => {
  const report = await runConformance(
    {
      name: 'never closed',
      createStore: async () => null,
      open: async () => Object.assign(new MemorySaver(), { close: async () => {} }),
      destroyStore: async () => {},
    },
    { seed: 1, only: ['law-10/close-every-method'] },
  );

  const [result] = report.cases.filter(({ outcome }) => outcome === 'failed');
  expect(String(result?.error)).toContain(
    'setup on a closed saver: the call must fail with CAIRN_SAVER_CLOSED, and it succeeded',
  );
});
