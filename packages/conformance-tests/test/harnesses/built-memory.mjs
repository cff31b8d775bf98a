/** MemorySaver's harness over the built package, as a saver's author would write it for the command line. */
import { MemorySaver } from '@cairn/saver-memory';

export const harness = {
  name: 'MemorySaver',
  createStore: async () => null,
  open: async () => new MemorySaver(),
  destroyStore: async () => {},
};
