/** SQLite whose file operations are recorded, so that tests can cut the power between any two of them. */

export type { FileOperation } from './file-operation.js';
export type { RecordedDatabase, RecordingOptions } from './recorded-database.js';
export { recordDatabase } from './recorded-database.js';
