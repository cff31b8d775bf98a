/** The saver in PostgreSQL. Everything public is exported here, by name. */
export type { PostgresSaverOptions } from './options.js';
export type { PostgresClient, PostgresPool, PostgresQuery } from './postgres-driver.js';
export { PostgresSaver } from './postgres-saver.js';
