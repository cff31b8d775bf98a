/** What a `SqliteSaver` can be told, with the defaults and their checks. No I/O happens here. */
import { resolve } from 'node:path';
import { InvalidArgumentError } from '@cairn/checkpoint-core';
import { openBetterSqlite3, type SqliteDatabase } from './sqlite-driver.js';

export interface SqliteSaverOptions {
  /** The database file, made where there is none; or `:memory:`, a store of this saver's own that ends with it. */
  readonly path: string;
  /**
   * `full` (default): an acknowledged commit survives a power cut. `normal`: it survives a crash of the process, and a
   * power cut may lose the last commits, whole and in order; about three times as many commits a second.
   */
  readonly synchronous?: 'full' | 'normal' | undefined;
  /** False: a file without Cairn's tables is refused until `setup()` is called. Default true: the first use makes them. */
  readonly autoSetup?: boolean | undefined;
  /**
   * How long an operation waits, in all, while another process holds the file's lock. The event loop goes on meanwhile.
   * Default 30,000.
   */
  readonly busyTimeoutMs?: number | undefined;
  /** Opens the database in place of better-sqlite3: a wrapper that traces, another driver of the same shape. */
  readonly openDatabase?: ((path: string) => SqliteDatabase) | undefined;
}

/** The options with their defaults. */
export type ResolvedOptions = {
  readonly [Option in keyof SqliteSaverOptions]-?: Exclude<SqliteSaverOptions[Option], undefined>;
};

export const inMemoryPath = ':memory:';

/** @throws InvalidArgumentError naming the option that is out of its range. */
export function resolveOptions(given: string | SqliteSaverOptions): ResolvedOptions {
  if (typeof given !== 'string' && (typeof given !== 'object' || given === null)) {
    throw new InvalidArgumentError(
      `SqliteSaver needs the path of a file, ':memory:', or options with a path, not ${String(given)}.`,
    );
  }
  const options = typeof given === 'string' ? { path: given } : given;
  const { path, synchronous = 'full', autoSetup = true, busyTimeoutMs = 30_000 } = options;
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new InvalidArgumentError(`path must be the name of a file or ':memory:', not ${JSON.stringify(path)}.`);
  }
  if (synchronous !== 'full' && synchronous !== 'normal') {
    throw new InvalidArgumentError(`synchronous must be 'full' or 'normal', not ${JSON.stringify(synchronous)}.`);
  }
  if (typeof busyTimeoutMs !== 'number' || !(busyTimeoutMs >= 0)) {
    throw new InvalidArgumentError(`busyTimeoutMs must be a number of 0 or more, not ${String(busyTimeoutMs)}.`);
  }
  return {
    // Resolved once, so that a later change of the working directory opens no other file.
    path: path === inMemoryPath ? path : resolve(path),
    synchronous,
    autoSetup,
    busyTimeoutMs,
    openDatabase: options.openDatabase ?? openBetterSqlite3,
  };
}
