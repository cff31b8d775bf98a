/**
 * The values that Cairn has made its own: copied once when they came in, deep-frozen, and known by identity since.
 *
 * Known, not guessed: `Object.isFrozen` would also hold for a caller's frozen object, whose depths may change. Each kept
 * object has a birth, so that what is newer than a value is known without walking it.
 */
import { childrenOf, hasHoles, isArray, isFields, isObject } from '../plain-data.js';
import { notes } from './notes.js';

/** A tick of the one clock that births are told by; it moves whenever a value has been committed or read. */
export type Epoch = number;

/** What is known of a kept object; one for all that are kept in an epoch and are alike in it. */
interface Birth {
  readonly epoch: Epoch;
  /** False where something lies in or under it that can't be frozen. */
  readonly closed: boolean;
}

const births = notes<Birth>();
const dense = notes<true>();
/** A list's number, then those of the lists it begins with, latest first. Numbers, so that none keeps another alive. */
const growth = notes<readonly number[]>();
let lastNumber = 0;
/** Growths of one list in one commit that are known; beyond, items are compared. */
const MOST_GROWTHS = 8;
let epoch: Epoch = 0;
let bornClosed: Birth = { epoch, closed: true };
let bornOpen: Birth = { epoch, closed: false };

export function isKept(value: object): boolean {
  return births.has(value);
}

/** True for values that nobody can change: they may be handed out as they are. */
export function isImmutable(value: unknown): boolean {
  return isObject(value) ? births.get(value)?.closed === true : typeof value !== 'function';
}

/** True when a kept object may be part of a value that was committed or read by then. */
export function isBornBy(object: object, then: Epoch): boolean {
  const birth = births.get(object);
  return birth === undefined || birth.epoch <= then;
}

export function currentEpoch(): Epoch {
  return epoch;
}

/** Ends the current epoch: what is kept from now on is newer than all that was kept so far. */
export function endEpoch(): Epoch {
  const ended = epoch++;
  bornClosed = { epoch, closed: true };
  bornOpen = { epoch, closed: false };
  return ended;
}

/**
 * Freezes a value that nobody else holds, and knows it from now on. What can't be frozen stays as it is, and is ours
 * alone because it is never handed out.
 */
export function freezeOwn<T>(value: T): T {
  if (isObject(value)) freeze(value);
  return value;
}

/** True when all of it is frozen. A cycle counts as open: it is closed only when all around it is. */
function freeze(object: object): boolean {
  const known = births.get(object);
  if (known) return known.closed;
  births.set(object, bornOpen);
  const isContainer = isArray(object) || isFields(object);
  let closed = isContainer;
  // What lies inside an instance is its class's business: it may have to change it.
  const looksInto = isContainer || object instanceof Map || object instanceof Set;
  for (const child of looksInto ? childrenOf(object) : []) if (isObject(child) && !freeze(child)) closed = false;
  if (isContainer) Object.freeze(object);
  if (closed) births.set(object, bornClosed);
  return closed;
}

/**
 * Freezes a container that Cairn's own code has just made of kept parts: only the parts that are not in `before` are
 * looked at, so that a list grown by one item costs one item.
 */
export function freezeGrown<T extends readonly unknown[]>(list: T, before: readonly unknown[]): T {
  let closed = isImmutable(before);
  for (let i = before.length; i < list.length; i++) {
    const child = list[i];
    if (isObject(child) && !freeze(child)) closed = false;
  }
  births.set(list, closed ? bornClosed : bornOpen);
  dense.set(list, true);
  growth.set(list, [++lastNumber, ...growthOf(before)].slice(0, MOST_GROWTHS));
  return Object.freeze(list) as T;
}

/** True for a kept list without holes; looked for once. */
export function isDense(list: readonly unknown[]): boolean {
  if (dense.has(list)) return true;
  if (hasHoles(list)) return false;
  if (births.has(list)) dense.set(list, true);
  return true;
}

/** How many first items of a kept list are known to be an older one's without looking: all of them, or 0. */
export function knownPrefix(old: readonly unknown[], next: readonly unknown[]): number {
  const [number] = growth.get(old) ?? [];
  return number !== undefined && growth.get(next)?.includes(number) ? old.length : 0;
}

function growthOf(list: readonly unknown[]): readonly number[] {
  const known = growth.get(list);
  if (known) return known;
  const first = [++lastNumber];
  growth.set(list, first);
  return first;
}
