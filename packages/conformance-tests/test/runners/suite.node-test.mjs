/** The suite under node:test, as a saver's author would write it. */
import { describe, it } from 'node:test';
import { registerConformance } from '@cairn/conformance-tests';
import { harness } from './harness.mjs';

registerConformance({ describe, it }, harness, {
  seed: 3,
  only: ['law-2/', 'law-10/open', 'law-10/re', 'model/one-stream'],
});
