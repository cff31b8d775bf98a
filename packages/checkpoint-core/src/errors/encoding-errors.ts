/** Errors of values and bytes: what can't be stored, and what can't be read back. */
import { CheckpointError, type ErrorDetails, quoteId } from './checkpoint-error.js';

/** Where an unserializable value sits. */
export interface ValueDetails extends ErrorDetails {
  /** Such as `messages[3].meta.fn`; empty for the encoded value itself. */
  readonly path: string;
  readonly channel?: string | undefined;
}

/** A value can't be kept losslessly; refused before anything was stored. */
export class UnserializableValueError extends CheckpointError {
  override readonly name = 'UnserializableValueError';
  override readonly code = 'CAIRN_UNSERIALIZABLE_VALUE';
  readonly path: string;
  readonly channel?: string;
  /** The message without the path: what the value is, and what to do. */
  readonly reason: string;

  /** @param reason - what the value is and what to do; the message puts the path before it. */
  constructor(reason: string, details: ValueDetails) {
    const of = details.threadId === undefined ? '' : ` of thread ${quoteId(details.threadId)}`;
    super(`Can't store ${details.path === '' ? 'the value' : details.path}${of}: ${reason}`, details);
    this.path = details.path;
    this.reason = reason;
    if (details.channel !== undefined) this.channel = details.channel;
  }

  /** The same error seen from further up: `root` is the name of the place the value was found in. */
  under(root: string, channel?: string): UnserializableValueError {
    const joint = root === '' || this.path === '' || this.path.startsWith('[') || this.path.startsWith('<') ? '' : '.';
    const path = `${root}${joint}${this.path}`;
    const { threadId, taskId, cause } = this;
    return new UnserializableValueError(this.reason, { path, channel, threadId, taskId, cause });
  }
}

/** An error with the thread it is about, where it is a value that was refused before its thread was known; else as it is. */
export function inThread(error: unknown, threadId: string): unknown {
  if (!(error instanceof UnserializableValueError) || error.threadId !== undefined) return error;
  const { reason, path, channel, taskId, cause } = error;
  return new UnserializableValueError(reason, { path, channel, threadId, taskId, cause });
}

export interface CorruptionDetails extends ErrorDetails {
  /** The name that an instance was stored under, where no class is registered for it. */
  readonly unknownClass?: string | undefined;
  /** The key that a record does not open with though its checksum is right: another's with this id, or somebody forged it. */
  readonly keyId?: string | undefined;
  /** True for bytes that begin as those of a newer version of the format do. */
  readonly isNewer?: boolean | undefined;
}

/** Stored bytes are damaged, swapped, missing, or written by something else; nothing made from them was returned. */
export class CorruptCheckpointError extends CheckpointError {
  override readonly name = 'CorruptCheckpointError';
  override readonly code = 'CAIRN_CORRUPT_CHECKPOINT';
  readonly unknownClass?: string;
  readonly keyId?: string;
  readonly isNewer?: boolean;

  constructor(message: string, details: CorruptionDetails = {}) {
    super(message, details);
    if (details.unknownClass !== undefined) this.unknownClass = details.unknownClass;
    if (details.keyId !== undefined) this.keyId = details.keyId;
    if (details.isNewer !== undefined) this.isNewer = details.isNewer;
  }
}

/** Stored bytes are whole and in a form that only a newer Cairn knows; it was not guessed at what they mean. */
export class FutureFormatError extends CheckpointError {
  override readonly name = 'FutureFormatError';
  override readonly code = 'CAIRN_FUTURE_FORMAT';

  /** @param what - names the stored thing, such as `The header of checkpoint "c"`. @param how - what about it is new. */
  constructor(what: string, how: string, details: ErrorDetails = {}) {
    super(`${what} was written by a newer Cairn (${how}). Update Cairn here; nothing is damaged.`, details);
  }
}

/** Not one checkpoint of a damaged thread, or stream, reads whole; nothing was changed. */
export class NoWholeCheckpointError extends CheckpointError {
  override readonly name = 'NoWholeCheckpointError';
  override readonly code = 'CAIRN_NO_WHOLE_CHECKPOINT';

  /** @param damaged - how many rows can't be used. */
  constructor(threadId: string, damaged: number, details: ErrorDetails = {}) {
    const where = details.namespace?.length ? ` in namespace ${JSON.stringify(details.namespace)}` : '';
    super(
      `Not one checkpoint of thread ${quoteId(threadId)}${where} reads whole: ${damaged} of its rows can't be used. ` +
        'Restore a backup; the thread was left as it is.',
      { ...details, threadId },
    );
  }
}

/** Stored bytes are whole and in a format that this Checkpointer was not given; nothing made from them was returned. */
export class UnknownFormatError extends CheckpointError {
  override readonly name = 'UnknownFormatError';
  override readonly code = 'CAIRN_UNKNOWN_FORMAT';
  readonly serializerId: string;

  constructor(message: string, details: ErrorDetails & { readonly serializerId: string }) {
    super(message, details);
    this.serializerId = details.serializerId;
  }
}

/** Details of an error that is about an encryption key. */
export type KeyDetails = ErrorDetails & { readonly keyId: string };

/** A stored record is encrypted with a key that this Checkpointer was not given; nothing made from it was returned. */
export class UnknownKeyError extends CheckpointError {
  override readonly name = 'UnknownKeyError';
  override readonly code = 'CAIRN_UNKNOWN_KEY';
  readonly keyId: string;

  constructor(message: string, details: KeyDetails) {
    super(message, details);
    this.keyId = details.keyId;
  }
}

/** An encryption key's function failed, or returned no key; nothing was stored or returned. */
export class KeyUnavailableError extends CheckpointError {
  override readonly name = 'KeyUnavailableError';
  override readonly code = 'CAIRN_KEY_UNAVAILABLE';
  override readonly retryable: boolean;
  readonly keyId: string;

  /** @param details.retryable - default true; false when the function returns what is no key. */
  constructor(message: string, details: KeyDetails & { readonly retryable?: boolean }) {
    super(message, details);
    this.retryable = details.retryable ?? true;
    this.keyId = details.keyId;
  }
}

/** A stored record is not encrypted, and `encryption.strict` refuses such records. */
export class UnencryptedRecordError extends CheckpointError {
  override readonly name = 'UnencryptedRecordError';
  override readonly code = 'CAIRN_UNENCRYPTED_RECORD';
}

/** A stored value is whole and holds an instance of a class that this Checkpointer does not know by its stored name. */
export class UnknownClassError extends CheckpointError {
  override readonly name = 'UnknownClassError';
  override readonly code = 'CAIRN_UNKNOWN_CLASS';
  /** The name that the class was registered under when the value was stored. */
  readonly className: string;

  constructor(message: string, details: ErrorDetails & { readonly className: string }) {
    super(message, details);
    this.className = details.className;
  }
}
