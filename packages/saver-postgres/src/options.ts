/** What a `PostgresSaver` can be told, with the defaults and their checks. No I/O happens here. */
import { InvalidArgumentError } from '@cairn/checkpoint-core';
import { checkAddressOfDatabase } from './address.js';
import { openPool, type PostgresPool } from './postgres-driver.js';
import { checkSchemaName } from './schema-name.js';

/** What a timer bears. */
const longestMs = 2_147_483_647;

interface CommonOptions {
  /** The schema that holds Cairn's tables and nothing else, made where there is none. Default `cairn`. */
  readonly schema?: string | undefined;
  /** False: a database without Cairn's tables is refused until `setup()` is called. Default true: the first use makes them. */
  readonly autoSetup?: boolean | undefined;
  /**
   * True: commits, reads and the like are prepared under a name on each connection, which saves the server a little work. Default
   * false, as a pooler in transaction mode may hand each statement to another connection.
   */
  readonly prepare?: boolean | undefined;
  /**
   * For how long after its beginning an operation is tried again while the server is away or gives way to others. The last
   * attempt is not cut short by it: in all a call of one statement takes at most `retryForMs` and twice
   * `statementTimeoutMs` (one to get a connection, one for the answer). Then it is a `SaverUnavailableError`. Default three
   * times `statementTimeoutMs`: another attempt follows one that was met with silence.
   */
  readonly retryForMs?: number | undefined;
  /**
   * How long each statement may take before its connection is given up and the operation is tried anew; getting a
   * connection too. Default 30,000.
   */
  readonly statementTimeoutMs?: number | undefined;
}

interface OwnPoolOptions extends CommonOptions {
  /** The database's address: `postgresql://user:password@host:5432/database?sslmode=verify-full`. */
  readonly connectionString: string;
  readonly pool?: undefined;
  /** Default 10. */
  readonly maxConnections?: number | undefined;
  /** Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** After how long without use a connection is closed. Default 30,000. */
  readonly idleTimeoutMs?: number | undefined;
}

interface GivenPoolOptions extends CommonOptions {
  /**
   * A pool of the application's, such as a `Pool` of `pg`. `close()` leaves it open. From the constructor on, a connection
   * that is lost while it lies idle in it does not end the process, whether or not the application listens for the pool's
   * `error` events; those listeners are called as ever.
   */
  readonly pool: PostgresPool;
  readonly connectionString?: undefined;
}

export type PostgresSaverOptions = OwnPoolOptions | GivenPoolOptions;

export interface ResolvedOptions {
  readonly openPool: () => PostgresPool;
  readonly isOwnPool: boolean;
  readonly schema: string;
  readonly autoSetup: boolean;
  readonly prepare: boolean;
  readonly retryForMs: number;
  readonly statementTimeoutMs: number;
}

/** @throws InvalidArgumentError naming the option that is out of its range. */
export function resolveOptions(options: PostgresSaverOptions): ResolvedOptions {
  if (
    typeof options !== 'object' ||
    options === null ||
    (options.pool === undefined) === (options.connectionString === undefined)
  ) {
    throw new InvalidArgumentError('PostgresSaver needs either a connectionString or a pool.');
  }
  const {
    schema = 'cairn',
    autoSetup = true,
    prepare = false,
    statementTimeoutMs = 30_000,
    retryForMs = Math.min(3 * statementTimeoutMs, longestMs),
  } = options;
  checkSchemaName(schema);
  checkMs('statementTimeoutMs', statementTimeoutMs, 1);
  checkMs('retryForMs', retryForMs, 0);
  const common = { schema, autoSetup, prepare, retryForMs, statementTimeoutMs };
  if (options.pool !== undefined) {
    const { pool } = options;
    if (typeof pool?.connect !== 'function') {
      throw new InvalidArgumentError('pool must be a connection pool with a `connect` method, such as a Pool of pg.');
    }
    return { ...common, openPool: () => pool, isOwnPool: false };
  }
  const { connectionString, maxConnections = 10, connectTimeoutMs = 10_000, idleTimeoutMs = 30_000 } = options;
  checkAddressOfDatabase(connectionString);
  if (!Number.isSafeInteger(maxConnections) || maxConnections < 1) {
    throw new InvalidArgumentError(
      `maxConnections must be a whole number of 1 or more, not ${String(maxConnections)}.`,
    );
  }
  checkMs('connectTimeoutMs', connectTimeoutMs, 1);
  checkMs('idleTimeoutMs', idleTimeoutMs, 1);
  const settings = { connectionString, maxConnections, connectTimeoutMs, idleTimeoutMs };
  return { ...common, openPool: () => openPool(settings), isOwnPool: true };
}

function checkMs(name: string, value: unknown, least: number): void {
  if (typeof value === 'number' && value >= least && value <= longestMs) return;
  throw new InvalidArgumentError(
    `${name} must be a number of milliseconds from ${least} to ${longestMs}, not ${String(value)}.`,
  );
}
