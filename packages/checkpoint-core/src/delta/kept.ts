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

/** What is known of a kept object; one for all that are kept in an epoch and are alike in it, but for lists that grow. */
interface Birth {
  readonly epoch: Epoch;
  /** False where something lies in or under it that can't be frozen. */
  readonly closed: boolean;
  /** Of a list that is known to have no holes. */
  readonly growth: Growth | undefined;
}

/**
 * A list's place in a line of lists, of which each begins with all the items of those before it. Lines have numbers, so
 * that no list keeps another alive.
 */
interface Growth {
  readonly line: number;
  readonly place: number;
  /** The line that this one branched off from, and where. */
  readonly rootLine: number;
  readonly rootPlace: number;
  /** True once the line goes on after it: what is grown from it again begins a line of its own. */
  isGrown: boolean;
  /**
   * The items of the line's last list once more, to be grown. It is not frozen: to push to it and to copy it takes less than
   * half of what copying a frozen list does.
   */
  items: unknown[] | undefined;
}

const births = notes<Birth>();
let lastLine = 0;
let epoch: Epoch = 0;
let [bornClosed, bornOpen] = birthsIn(epoch);

function birthsIn(epoch: Epoch): [closed: Birth, open: Birth] {
  return [
    { epoch, closed: true, growth: undefined },
    { epoch, closed: false, growth: undefined },
  ];
}

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
  [bornClosed, bornOpen] = birthsIn(epoch);
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
  return freezeInLine(list, before);
}

/** @param items - the line's own, which hold just the list's. */
function freezeInLine<T extends readonly unknown[]>(list: T, before: readonly unknown[], items?: unknown[]): T {
  let closed = isImmutable(before);
  for (let i = before.length; i < list.length; i++) {
    const child = list[i];
    if (isObject(child) && !freeze(child)) closed = false;
  }
  const growth = growthAfter(isDense(before) ? births.get(before)?.growth : undefined, items);
  births.set(list, { epoch, closed, growth });
  return Object.freeze(list) as T;
}

/** A kept list with more kept items after its own. Costs what is new, beside one copy of the list's references. */
export function grow(before: readonly unknown[], more: readonly unknown[]): readonly unknown[] {
  const items = births.get(before)?.growth?.items ?? [...before];
  for (const item of more) items.push(item);
  return freezeInLine(items.slice(), before, items);
}

/** True for a list without holes; of a kept one, looked for once. */
export function isDense(list: readonly unknown[]): boolean {
  const birth = births.get(list);
  if (birth?.growth) return true;
  if (hasHoles(list)) return false;
  if (birth) births.set(list, { ...birth, growth: growthAfter(undefined) });
  return true;
}

/** How many first items of a kept list are known to be an older one's without looking: all of them, or 0. */
export function knownPrefix(old: readonly unknown[], next: readonly unknown[]): number {
  const [before, after] = [births.get(old)?.growth, births.get(next)?.growth];
  if (before === undefined || after === undefined) return 0;
  const { line, place } = before;
  const isPart = line === after.line ? place <= after.place : line === after.rootLine && place <= after.rootPlace;
  return isPart ? old.length : 0;
}

/** The place of a list that was grown from another one, which hands the line's items over. */
function growthAfter(before: Growth | undefined, items?: unknown[]): Growth {
  if (before === undefined) return { line: ++lastLine, place: 0, rootLine: 0, rootPlace: 0, isGrown: false, items };
  const { line, place, rootLine, rootPlace, isGrown } = before;
  if (isGrown) return { line: ++lastLine, place: 0, rootLine: line, rootPlace: place, isGrown: false, items };
  before.isGrown = true;
  before.items = undefined;
  return { line, place: place + 1, rootLine, rootPlace, isGrown: false, items };
}
