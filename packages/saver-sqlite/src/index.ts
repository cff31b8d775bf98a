/** The saver in one SQLite file. Everything public is exported here, by name. */
export type { SqliteSaverOptions } from './options.js';
export type { SqliteDatabase, SqliteParameter, SqliteStatement, SqliteValue } from './sqlite-driver.js';
export { SqliteSaver } from './sqlite-saver.js';
