/** The suite under vitest, over the built packages. */
import { registerConformance } from '@cairn/conformance-tests';
import { describe, it } from 'vitest';
import { harness } from './harness.mjs';

registerConformance({ describe, it }, harness, {
  seed: 3,
  only: ['law-2/', 'law-10/open', 'law-10/re', 'model/one-stream'],
});
