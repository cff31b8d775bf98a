/** A real PostgreSQL server for tests, benchmarks and the demo. Everything public is exported here, by name. */
export type { Exchange, Fault } from './fault.js';
export type { PgBouncer } from './pgbouncer.js';
export { findPgBouncer, startPgBouncer } from './pgbouncer.js';
export type { Judge } from './proxy.js';
export { PostgresProxy } from './proxy.js';
export type { LocalPostgres, StartOptions } from './start-postgres.js';
export { startPostgres } from './start-postgres.js';
export type { TestDatabase } from './test-database.js';
export { createTestDatabase, dropTestDatabase, sharedPostgresUrl } from './test-database.js';
