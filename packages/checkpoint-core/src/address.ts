/**
 * Ids and addresses: what names a thread, a stream, a checkpoint, and which of those names are allowed.
 *
 * Ids are data. Nothing here or in a saver gives any character a meaning; the only rules are the ones every store can
 * keep exactly (no NUL, no lone surrogate, a length in UTF-8 bytes).
 */
import { InvalidAddressError } from './errors/storage-errors.js';

/** A sub-graph's place inside a thread, as segments; `[]` is the root. Compared whole, never by prefix. */
export type Namespace = readonly string[];

/** An opaque string, unique in its stream; Cairn's own are UUIDv7. */
export type CheckpointId = string;

/** One strictly ordered sequence of checkpoints: a thread and a namespace in it. */
export interface StreamAddress {
  readonly threadId: string;
  readonly namespace: Namespace;
}

/** One checkpoint; without an id, the stream's head. */
export interface CheckpointAddress extends StreamAddress {
  readonly checkpointId?: CheckpointId | undefined;
}

/** The most UTF-8 bytes each kind of name may have. */
export const addressLimits = {
  /** Thread, checkpoint and task ids, the keys of pending writes, the holders of leases. */
  idBytes: 512,
  channelBytes: 256,
  /** All segments of a namespace together. */
  namespaceBytes: 1024,
} as const;

/** @throws InvalidAddressError unless `threadId` is a valid thread id. */
export function checkThreadId(threadId: unknown): asserts threadId is string {
  checkName('threadId', threadId, addressLimits.idBytes);
}

/** @throws InvalidAddressError unless `checkpointId` is a valid checkpoint id. */
export function checkCheckpointId(checkpointId: unknown): asserts checkpointId is string {
  checkName('checkpointId', checkpointId, addressLimits.idBytes);
}

/** @throws InvalidAddressError unless `taskId` is a valid task id. */
export function checkTaskId(taskId: unknown): asserts taskId is string {
  checkName('taskId', taskId, addressLimits.idBytes);
}

/** @throws InvalidAddressError unless `key` is a valid key of a pending write. */
export function checkWriteKey(key: unknown): asserts key is string {
  checkName('pending write key', key, addressLimits.idBytes);
}

/** @throws InvalidAddressError unless `holder` is a valid name for a lease's holder. */
export function checkHolder(holder: unknown): asserts holder is string {
  checkName('holder', holder, addressLimits.idBytes);
}

/** @throws InvalidAddressError unless `channel` is a valid channel name. */
export function checkChannel(channel: unknown): asserts channel is string {
  checkName('channel', channel, addressLimits.channelBytes);
}

/** @throws InvalidAddressError unless `namespace` is an array of valid segments within the limit. */
export function checkNamespace(namespace: unknown): asserts namespace is Namespace {
  if (!Array.isArray(namespace)) {
    throw new InvalidAddressError(
      `namespace must be an array of strings ([] is the root), not ${describe(namespace)}.`,
    );
  }
  for (const segment of namespace) checkName('namespace segment', segment, addressLimits.namespaceBytes);
  const bytes = namespace.reduce((sum: number, segment: string) => sum + Buffer.byteLength(segment), 0);
  if (bytes > addressLimits.namespaceBytes) {
    throw new InvalidAddressError(
      `namespace has ${bytes} bytes of UTF-8 in all; at most ${addressLimits.namespaceBytes} are allowed. ` +
        'Shorten the names of the nested nodes.',
    );
  }
}

/** @throws InvalidAddressError unless every part of the address is valid. */
export function checkAddress(address: CheckpointAddress): void {
  checkThreadId(address.threadId);
  checkNamespace(address.namespace);
  if (address.checkpointId !== undefined) checkCheckpointId(address.checkpointId);
}

const ROOT_KEY = '[]';

/** A namespace as one text: injective, so that two namespaces are equal exactly when their keys are. */
export function namespaceKey(namespace: Namespace): string {
  return namespace.length === 0 ? ROOT_KEY : JSON.stringify(namespace);
}

/** The namespace whose {@link namespaceKey} is `key`. */
export function parseNamespaceKey(key: string): Namespace {
  return JSON.parse(key) as Namespace;
}

/**
 * Bytewise (UTF-8) order of two well-formed texts, as every saver's store compares them.
 *
 * JavaScript's `<` compares UTF-16 units, which differs above U+FFFF.
 */
export function compareText(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    const [unit, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (unit !== other) return bytewiseRank(unit) - bytewiseRank(other);
  }
  return a.length - b.length;
}

/** Surrogates make the characters above U+FFFF, though as numbers some units are above them. */
function bytewiseRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function checkName(what: string, name: unknown, limit: number): asserts name is string {
  if (typeof name !== 'string') throw new InvalidAddressError(`${what} must be a string, not ${describe(name)}.`);
  if (name === '') throw new InvalidAddressError(`${what} must not be empty.`);
  if (name.includes('\0')) throw new InvalidAddressError(`${what} ${JSON.stringify(name)} must not contain NUL.`);
  if (!name.isWellFormed()) {
    throw new InvalidAddressError(`${what} ${JSON.stringify(name)} must not contain a lone surrogate.`);
  }
  // A UTF-16 unit is three UTF-8 bytes at most, so short names skip the count.
  if (name.length * 3 > limit && Buffer.byteLength(name) > limit) {
    throw new InvalidAddressError(
      `${what} ${JSON.stringify(name.slice(0, 60))}… has ${Buffer.byteLength(name)} bytes of UTF-8; at most ${limit} are allowed.`,
    );
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value;
}
