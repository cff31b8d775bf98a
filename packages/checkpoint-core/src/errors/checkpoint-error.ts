/**
 * The base of every error Cairn throws, and the one way to recognise them.
 *
 * Errors get stored, logged and sent between processes, so `code` and `name` are a format: they are literals, never
 * derived from a class name a minifier may change, and they never change meaning.
 */

/** A stable error code: the class name without `Error`, in upper snake, after `CAIRN_`. */
export type ErrorCode = `CAIRN_${string}`;

/** The ids an error is about; each is also named in the message. */
export interface ErrorDetails {
  readonly threadId?: string | undefined;
  readonly namespace?: readonly string[] | undefined;
  readonly checkpointId?: string | undefined;
  readonly taskId?: string | undefined;
  readonly cause?: unknown;
}

/**
 * What every error of Cairn has: a stable `code`, a literal `name`, `retryable`, `cause`, and the ids it is about.
 *
 * Match with {@link hasCode}, never with `instanceof`: a project may hold two copies of a package, an error may have
 * crossed a process.
 */
export abstract class CheckpointError extends Error {
  abstract override readonly name: string;
  abstract readonly code: ErrorCode;
  /** True when the same call may succeed later without any change by the caller. */
  readonly retryable: boolean = false;
  readonly threadId?: string;
  readonly namespace?: readonly string[];
  readonly checkpointId?: string;
  readonly taskId?: string;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    if (details.threadId !== undefined) this.threadId = details.threadId;
    if (details.namespace !== undefined) this.namespace = details.namespace;
    if (details.checkpointId !== undefined) this.checkpointId = details.checkpointId;
    if (details.taskId !== undefined) this.taskId = details.taskId;
  }
}

/**
 * True when `error` is Cairn's error of this code, whichever copy of the package or process made it.
 *
 * @example if (hasCode(error, 'CAIRN_THREAD_BUSY')) await waitABit();
 */
export function hasCode<Code extends ErrorCode>(error: unknown, code: Code): error is CheckpointError & { code: Code } {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** The shortest form of an id that is safe to print: quoted, escaped, cut when long. */
export function quoteId(id: string): string {
  return JSON.stringify(id.length > 200 ? `${id.slice(0, 200)}…` : id);
}
