/** The suite under jest, which has `describe` and `it` as globals. */
import { registerConformance } from '@cairn/conformance-tests';
import { harness } from './harness.mjs';

registerConformance({ describe, it }, harness, {
  seed: 3,
  only: ['law-2/', 'law-10/open', 'law-10/re', 'model/one-stream'],
});
