/** The reference saver, in memory. Everything public is exported here, by name. */

export type { MemoryDump } from './dump.js';
export { MemorySaver } from './memory-saver.js';
export type { MemorySaverOptions } from './options.js';
