/**
 * The shape of a synchronous SQLite driver: the few methods this package calls, and nothing of any driver's package.
 * better-sqlite3 fits it as it is; so does a wrapper that counts, traces or sets pragmas of its own. Its errors carry SQLite's
 * result code as their `code`, such as `SQLITE_BUSY`.
 */
import BetterSqlite3 from 'better-sqlite3';

export type SqliteValue = string | number | null | Uint8Array;

/** Values by position for `?`, or one object of values by name for `@name`. */
export type SqliteParameter = SqliteValue | Readonly<Record<string, SqliteValue>>;

export interface SqliteStatement {
  run(...values: SqliteParameter[]): { readonly changes: number | bigint };
  get(...values: SqliteParameter[]): unknown;
  all(...values: SqliteParameter[]): unknown[];
}

export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement;
  /** Runs several statements. */
  exec(sql: string): unknown;
  close(): unknown;
}

/** Opens a file with better-sqlite3, making it where there is none. */
export function openBetterSqlite3(path: string): SqliteDatabase {
  return new BetterSqlite3(path);
}
