/** Which SQLite libraries are safe to use. */
import { SaverUnavailableError } from '@cairn/checkpoint-core';

/** Before it, a race when the WAL is reset can damage the file. */
const oldestSafeSqlite = '3.51.3';

/** Whether `version` is `oldest` or newer, number by number. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [have, need] = [version, oldest].map((text) => text.split('.').map(Number));
  for (const [i, part] of (need ?? []).entries()) {
    const own = have?.[i] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}

/** @throws SaverUnavailableError for a library that may damage a file that several connections use. */
export function checkSqliteVersion(version: string): void {
  if (isAtLeast(version, oldestSafeSqlite)) return;
  throw new SaverUnavailableError(
    `SQLite ${version} is too old: before ${oldestSafeSqlite}, a WAL-reset race can damage the file. ` +
      'Install better-sqlite3 13 or newer.',
    { retryable: false },
  );
}
