/** MemorySaver's harness: a store is a saver object, so there is nothing to make and nothing to remove. */

import type { ConformanceHarness } from '@cairn/conformance-tests';
import { MemorySaver } from '@cairn/saver-memory';

export const harness: ConformanceHarness = {
  name: 'MemorySaver',
  module: import.meta.url,
  createStore: async () => null,
  open: async () => new MemorySaver(),
  destroyStore: async () => {},
};
