/**
 * The shape of a PostgreSQL driver: the few methods this package calls, and nothing of any driver's package. A `Pool` of
 * `pg` fits it as it is; so does a wrapper that counts or traces. Its errors carry the SQLSTATE as their `code` and the server's
 * DETAIL as their `detail`, which says why a commit was refused, or the operating system's code.
 */
import { Pool } from 'pg';

export interface PostgresQuery {
  readonly text: string;
  readonly values?: unknown[];
  /** Prepares the statement under this name on the connection. */
  readonly name?: string;
  /** How columns are read: always as this says, whatever parsers the application has registered globally. */
  readonly types?: { getTypeParser(oid: number, format?: string): (text: string) => unknown };
}

export interface PostgresClient {
  query(query: PostgresQuery): Promise<{ readonly rows: unknown[] }>;
  /** Gives the connection back to the pool, or with an error closes it. */
  release(error?: Error | boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
  /** `I` outside of a transaction, `T` in one, `E` in one that has failed. Where it is missing nobody asks. */
  getTransactionStatus?(): string | null;
}

export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface PoolSettings {
  readonly connectionString: string;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/**
 * A pool of the saver's own. What it asks for at the start of a connection is no more than a connection pooler in front of
 * the server lets through: time limits on statements are kept on this side.
 */
export function openPool({
  connectionString,
  maxConnections,
  connectTimeoutMs,
  idleTimeoutMs,
}: PoolSettings): PostgresPool {
  return new Pool({
    connectionString,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    // A dropped connection shows soon, also behind a balancer that forgets idle ones without a word.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    allowExitOnIdle: true,
    fallback_application_name: 'cairn',
  });
}

/**
 * True when the connection was in a transaction at the server's last answer. What is done in one that somebody left open is
 * undone with it, or refused.
 */
export function isInTransaction(client: PostgresClient): boolean {
  const status = statusOf(client);
  return status === 'T' || status === 'E';
}

function statusOf(client: PostgresClient): string | null | undefined {
  try {
    return client.getTransactionStatus?.();
  } catch {
    // `pg` over a `pg-native` of before 3.9 has the method, and nothing to ask.
    return undefined;
  }
}

const heard = new WeakSet<PostgresPool>();

/**
 * Keeps a connection that is lost while nobody uses it from ending the process, as an event `error` that nobody listens to
 * does. The pool drops such a connection by itself and opens another.
 *
 * For good, also beyond a saver's end: `pg` closes connections after it has said that the pool has ended, and what a server
 * says meanwhile, such as that it shuts down, is such an event too. Once for each pool, however many savers use it.
 */
export function survivePoolErrors(pool: PostgresPool): void {
  if (heard.has(pool)) return;
  heard.add(pool);
  const events = pool as { on(event: 'error' | 'connect', listener: (subject: unknown) => void): unknown };
  events.on('error', () => {});
  // A new connection may be lost in the moment in which the pool hands it over, when nobody listens to it: not the pool any
  // more, and whoever asked for it not yet.
  events.on('connect', (client) => (client as PostgresClient).on('error', () => {}));
}
