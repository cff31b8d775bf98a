/** The reference saver, in memory. Everything public is exported here, by name. */

export type { MemoryDump, MemorySaverOptions } from './memory-saver.js';
export { MemorySaver } from './memory-saver.js';
