/**
 * Turns the driver's errors into errors for people: what happened to which file, whether trying again may help, and what
 * to do. The driver's own error stays as the `cause`.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type CheckpointError, CorruptCheckpointError, SaverUnavailableError } from '@cairn/checkpoint-core';

/** SQLite's primary result code of a driver's error, such as `SQLITE_IOERR`; undefined for anything else. */
function resultCode(error: unknown): string | undefined {
  // What better-sqlite3 makes of SQLITE_TOOBIG, without a code.
  if (error instanceof RangeError && error.message.endsWith('is too big')) return 'SQLITE_TOOBIG';
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'string')
    return undefined;
  return /^SQLITE_[A-Z]+/.exec(error.code)?.[0];
}

/** True when another connection holds a lock, so that the same statement may succeed a moment later. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED';
}

/** The error to throw for one that came from the driver; any other error as it is. */
export function classifyError(error: unknown, path: string): unknown {
  const code = resultCode(error);
  return code === undefined ? error : describeFailure(code, path, error as Error);
}

/** Like {@link classifyError}, for a failure to open: a driver may refuse a path with an error of its own kind. */
export function classifyOpenError(error: unknown, path: string): unknown {
  const code = resultCode(error);
  const isUnopenable = code === 'SQLITE_CANTOPEN' || (code === undefined && error instanceof TypeError);
  if (!isUnopenable) return classifyError(error, path);
  return new SaverUnavailableError(describeUnopenable(path), { retryable: false, cause: error });
}

function describeFailure(code: string, path: string, cause: Error): CheckpointError {
  switch (code) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return unavailable(
        true,
        `The database ${path} stayed locked by another process for longer than busyTimeoutMs. ` +
          'Try again; if it lasts, look for a process that holds a transaction open.',
      );
    case 'SQLITE_FULL':
      return unavailable(true, `There is no room left for the database ${path}. Free disk space, then try again.`);
    case 'SQLITE_IOERR':
      return unavailable(
        true,
        `Reading or writing the database ${path} failed (${cause.message}). Check the disk and the free space, then try again.`,
      );
    case 'SQLITE_NOMEM':
      return unavailable(true, `SQLite ran out of memory on the database ${path}. Free some, then try again.`);
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
    case 'SQLITE_AUTH':
      return unavailable(
        false,
        `The database ${path} can't be written (${cause.message}). ` +
          'Give this user the right to write the file and its folder, or choose another path.',
      );
    case 'SQLITE_CANTOPEN':
      return unavailable(false, describeUnopenable(path));
    case 'SQLITE_NOTADB':
      return unavailable(
        false,
        `The file ${path} is not an SQLite database (or is encrypted). Choose another path, or move the file away.`,
      );
    case 'SQLITE_CORRUPT':
      return new CorruptCheckpointError(
        `The database ${path} is damaged (${cause.message}). ` +
          'Stop its writers, keep a copy, and restore a backup; `PRAGMA integrity_check` tells what is hit.',
        { cause },
      );
    case 'SQLITE_TOOBIG':
      return unavailable(
        false,
        `A row for the database ${path} is larger than SQLite stores (1,000,000,000 bytes). Keep smaller values in channels.`,
      );
    default:
      return unavailable(
        false,
        `The database ${path} refused a statement (${code}: ${cause.message}). ` +
          'Its tables may have been changed by a newer Cairn: then upgrade @cairn/saver-sqlite here. ' +
          "Or they were changed by hand: compare them with this package's sql folder.",
      );
  }

  function unavailable(retryable: boolean, message: string): SaverUnavailableError {
    return new SaverUnavailableError(message, { retryable, cause });
  }
}

function describeUnopenable(path: string): string {
  const folder = dirname(path);
  const failure = `The database ${path} can't be opened`;
  if (kindOf(path) === 'folder')
    return `${failure}: the path is a folder. Give the path of a file, such as ${path}/app.db.`;
  if (kindOf(folder) === 'nothing') return `${failure}: there is no folder ${folder}. Make it, or choose another path.`;
  if (kindOf(folder) === 'file') return `${failure}: ${folder} is a file and not a folder. Choose another path.`;
  return `${failure}. Check that this user may read and write the file and its folder.`;
}

function kindOf(path: string): 'folder' | 'file' | 'nothing' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'nothing';
  }
}
