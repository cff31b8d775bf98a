/**
 * Turns the driver's errors into errors for people: what happened, whether trying again may help, and what to do. The
 * driver's own error stays as the `cause`.
 *
 * The database's address is never named, as it holds a password; the cause names the host.
 */
import { CheckpointError, CorruptCheckpointError, SaverUnavailableError } from '@cairn/checkpoint-core';
import { notAnAddress } from './address.js';
import { ThreadLeaving } from './refusals.js';

/** A call that the saver itself gave up on. */
export class StatementTimeout extends Error {}

/** A connection of the caller's pool on which somebody has left a transaction open. */
export class OpenTransaction extends Error {}

/** A call that was tried until its time was over; the last attempt's error is the cause. */
export class GaveUp extends Error {
  readonly attempts: number;
  readonly elapsedMs: number;

  constructor(last: unknown, attempts: number, elapsedMs: number) {
    super('The call was tried in vain.', { cause: last });
    this.attempts = attempts;
    this.elapsedMs = elapsedMs;
  }
}

/** PostgreSQL's five-character code of an error; undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]+$/.test(code) ? code : undefined;
}

/**
 * SQLSTATEs, or their first two characters, that may pass by themselves: a lost connection (08), a lack of resources (53), an
 * operator's intervention (57), a transaction that was ended for its slowness (25P03, 25P04) or had failed
 * before it was handed to us (25P02), a lost race (40001, 40P01), a wait
 * that was cut short (55P03), a server that became a standby (25006).
 */
const passing = /^(?:08|53|57|25P0[234]|40001|40P01|55P03|25006)/;

/** The operating system's codes, and those of Node's that say the same. The others of `ERR_` are for good. */
const brokenCode = /^(?:E(?!RR_)[A-Z]|ERR_(?:STREAM|SOCKET)_)/;

/** What the driver says of a connection that broke or never came about, where it gives no code. */
const brokenConnection =
  /terminated|timeout|timed out|not queryable|connection (?:ended|closed|lost|refused)|client was closed|socket/i;

/** True when the same call may succeed a moment later. Every call may be repeated. */
export function isTransient(error: unknown): boolean {
  if (isAnswer(error)) return false;
  if (error instanceof OpenTransaction) return true;
  const state = sqlState(error);
  return state === undefined ? isBroken(error) : passing.test(state);
}

/** True when the connection must not be used again. */
export function isBroken(error: unknown): boolean {
  if (error instanceof StatementTimeout) return true;
  if (isAnswer(error)) return false;
  const state = sqlState(error);
  if (state !== undefined) return /^(?:08|57P|25P0[234]|25006)/.test(state);
  const code = codeOf(error) ?? '';
  // A certificate's file that is missing, say: no connection was tried.
  if ('syscall' in (error as object) && (error as NodeJS.ErrnoException).syscall === 'open') return false;
  if (brokenCode.test(code)) return true;
  return !code.startsWith('ERR_TLS_CERT') && error instanceof Error && brokenConnection.test(error.message);
}

/** A host with several addresses of which none could be reached has an error for each, and no words of its own. */
function saidBy(cause: Error): string {
  if (cause.message !== '' || !(cause instanceof AggregateError)) return cause.message;
  return cause.errors.map((error: unknown) => (error instanceof Error ? error.message : String(error))).join('; ');
}

/** The error to throw for one that came from the driver; any other error as it is. */
export function classifyError(error: unknown, schema: string): unknown {
  if (error instanceof GaveUp) return inVain(classifyError(error.cause, schema), error);
  if (isAnswer(error) || !(error instanceof Error)) return error;
  if (codeOf(error) === 'ERR_INVALID_URL') return notAnAddress();
  if (error instanceof OpenTransaction) return leftOpen(error);
  const state = sqlState(error);
  if (state === undefined && isTransient(error)) return away(error);
  if (state === undefined) return isMistake(error) ? error : unusable(error);
  return describeFailure(state, schema, error);
}

function describeFailure(state: string, schema: string, cause: Error): CheckpointError {
  const said = `(${state}: ${cause.message})`;
  if (state === '53100')
    return unavailable(true, `The database server has no disk space left ${said}. Free some, then try again.`, cause);
  if (state.startsWith('53')) {
    return unavailable(
      true,
      `The database server is short of connections or memory ${said}. Use a smaller pool or a pooler such as PgBouncer, then try again.`,
      cause,
    );
  }
  if (state.startsWith('40')) {
    return unavailable(true, `The operation lost every race with other writers ${said}. Try again.`, cause);
  }
  if (passing.test(state)) return away(cause, said);
  if (state.startsWith('28') || state === '3D000') {
    return unavailable(
      false,
      `The database server refused to let the saver in ${said}. Check the address, user and password.`,
      cause,
    );
  }
  if (state === '42501') return lacksRight(schema, said, cause);
  if (state.startsWith('42') || state.startsWith('3F')) {
    return unavailable(
      false,
      `The tables or functions in schema ${schema} are not as this version made them ${said}. A newer version may have ` +
        "migrated them: then stop this process, or upgrade it. Else compare them with this package's sql folder.",
      cause,
    );
  }
  if (state.startsWith('XX') || state.startsWith('22')) {
    return new CorruptCheckpointError(
      `A row in schema ${schema} can't be read ${said}: it was damaged or changed by hand. Restore a backup.`,
      { cause },
    );
  }
  if (state.startsWith('54')) {
    return unavailable(
      false,
      `A row is larger than PostgreSQL stores ${said}. Keep smaller values in channels.`,
      cause,
    );
  }
  return unavailable(state.startsWith('58'), `The database refused a statement on schema ${schema} ${said}.`, cause);
}

/** @param said - which right is lacking, in brackets. */
export function lacksRight(schema: string, said: string, cause?: Error): SaverUnavailableError {
  return unavailable(
    false,
    `The database user lacks a right in schema ${schema} ${said}. Grant it USAGE on the schema, SELECT, INSERT, UPDATE and ` +
      'DELETE on its tables, and EXECUTE ON ALL ROUTINES in it, ' +
      'once more after each migration: ALL FUNCTIONS leaves out those that commit.',
    cause,
  );
}

/** The error of the last attempt, which says how many there were. */
function inVain(last: unknown, { attempts, elapsedMs }: GaveUp): unknown {
  if (!(last instanceof SaverUnavailableError)) return last;
  const time = elapsedMs < 1_000 ? `${Math.round(elapsedMs)} ms` : `${(elapsedMs / 1_000).toFixed(1)} s`;
  const tried = attempts === 1 ? `It was tried once, for ${time}` : `It was tried ${attempts} times in ${time}`;
  const { message, retryable, cause } = last;
  return new SaverUnavailableError(`${message} ${tried} (retryForMs says for how long).`, { retryable, cause });
}

function away(cause: Error, said = `(${saidBy(cause)})`): SaverUnavailableError {
  return unavailable(
    true,
    `The database server can't be reached or does not answer ${said}. Check that it runs, then try again.`,
    cause,
  );
}

function leftOpen(cause: OpenTransaction): SaverUnavailableError {
  return unavailable(
    true,
    'Every connection that the pool handed out was in a transaction that somebody has left open. End each one with COMMIT or ' +
      'ROLLBACK before its connection is released, then try again.',
    cause,
  );
}

/** Such as a certificate that is not trusted, a password that is missing, a pool that was ended. */
function unusable(cause: Error): SaverUnavailableError {
  return unavailable(
    false,
    `No connection to the database server could be used (${cause.message}). Check the address, the password, the TLS ` +
      'settings, and that the pool has not been ended.',
    cause,
  );
}

/** True for what only wrong code throws: it must not pass for a failure of the server. */
function isMistake(error: Error): boolean {
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
}

function unavailable(retryable: boolean, message: string, cause?: Error): SaverUnavailableError {
  return new SaverUnavailableError(message, { retryable, cause });
}

/** True for what the server answered over a sound connection. Its message may hold a thread's id, which can say anything. */
function isAnswer(error: unknown): boolean {
  return error instanceof CheckpointError || error instanceof ThreadLeaving;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
