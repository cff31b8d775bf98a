/** The built-ins with a content of their own, both ways: Map, Set, Date, RegExp, URL, and bytes through `view-values.ts`. */
import { types } from 'node:util';
import { quoteId } from '../errors/checkpoint-error.js';
import { corrupt } from './byte-reader.js';
import type { Decoder } from './decode.js';
import type { Encoder } from './encode.js';
import { refuseOwnProperties } from './own-properties.js';
import { Refusal } from './refusal.js';
import { isStandardPrototype } from './standard-prototype.js';
import { Tag } from './tags.js';
import { writeText } from './text.js';
import { writeArrayBuffer, writeView } from './view-values.js';

/** Writes a built-in; false when the value is none, or of a class derived from one. */
export function writeBuiltIn(to: Encoder, value: object, prototype: object): boolean {
  const is = (intrinsic: object): boolean => isStandardPrototype(prototype, intrinsic);
  if (ArrayBuffer.isView(value)) return writeView(to.out, value);
  if (types.isMap(value) && is(Map.prototype)) writeMap(to, value);
  else if (types.isSet(value) && is(Set.prototype)) writeSet(to, value);
  else if (types.isDate(value) && is(Date.prototype)) writeDate(to, value);
  else if (types.isRegExp(value) && is(RegExp.prototype)) writeRegExp(to, value);
  else if (types.isArrayBuffer(value) && is(ArrayBuffer.prototype)) writeArrayBuffer(to.out, value);
  else if (is(URL.prototype)) writeUrl(to, value as URL);
  else return false;
  return true;
}

function writeMap(to: Encoder, map: ReadonlyMap<unknown, unknown>): void {
  refuseOwnProperties(map);
  to.out.byte(Tag.map);
  to.out.varint(map.size);
  let i = 0;
  for (const [key, value] of map) {
    to.child(key, `<Map key ${i}>`);
    to.child(value, typeof key === 'string' ? `<Map value of ${quoteId(key)}>` : `<Map value ${i}>`);
    i++;
  }
}

export function readMap(from: Decoder): Map<unknown, unknown> {
  const map = from.remember(new Map<unknown, unknown>());
  const count = from.bytes.count(2);
  for (let i = 0; i < count; i++) map.set(from.value(), from.value());
  if (map.size !== count) throw corrupt('a Map has a key twice');
  return map;
}

function writeSet(to: Encoder, set: ReadonlySet<unknown>): void {
  refuseOwnProperties(set);
  to.out.byte(Tag.set);
  to.out.varint(set.size);
  let i = 0;
  for (const item of set) to.child(item, `<Set item ${i++}>`);
}

export function readSet(from: Decoder): Set<unknown> {
  const set = from.remember(new Set<unknown>());
  const count = from.bytes.count();
  for (let i = 0; i < count; i++) set.add(from.value());
  if (set.size !== count) throw corrupt('a Set has an item twice');
  return set;
}

function writeDate(to: Encoder, date: Date): void {
  refuseOwnProperties(date);
  to.out.byte(Tag.date);
  to.out.float64(date.getTime());
}

export function readDate(from: Decoder): Date {
  return from.remember(new Date(from.bytes.float64()));
}

/**
 * How much of RegExps with the flag `v` one encoding may hold. `\\p{RGI_Emoji}` alone takes an engine 15 ms to parse: without
 * a bound a short record could keep its reader busy for minutes.
 */
export const MOST_SETS_CHARACTERS = 1024;

function writeRegExp(to: Encoder, regexp: RegExp): void {
  refuseOwnProperties(regexp, 'lastIndex');
  const lastIndex: unknown = regexp.lastIndex;
  if (typeof lastIndex !== 'number') throw new Refusal('its lastIndex is not a number. Set it to one.');
  if (regexp.unicodeSets) to.setsCharacters += regexp.source.length;
  if (to.setsCharacters > MOST_SETS_CHARACTERS) {
    throw new Refusal(
      `it brings RegExps with the flag v to more than ${MOST_SETS_CHARACTERS} characters. Store their texts.`,
    );
  }
  to.out.byte(Tag.regexp);
  writeText(to.out, regexp.source);
  writeText(to.out, regexp.flags);
  to.out.float64(lastIndex);
}

export function readRegExp(from: Decoder): RegExp {
  const source = from.text();
  const flags = from.text();
  if (flags.includes('v')) from.setsCharacters += source.length;
  if (from.setsCharacters > MOST_SETS_CHARACTERS) throw corrupt('they hold too many RegExps with the flag v');
  const regexp = from.remember(attempt('a RegExp', () => new RegExp(source, flags)));
  regexp.lastIndex = from.bytes.float64();
  return regexp;
}

function writeUrl(to: Encoder, url: URL): void {
  refuseOwnProperties(url);
  const { href } = url;
  // The URL standard has had hrefs that do not parse back to themselves.
  if (new URL(href).href !== href) throw new Refusal('it is a URL whose text means another URL. Store a text.');
  to.out.byte(Tag.url);
  writeText(to.out, href);
}

export function readUrl(from: Decoder): URL {
  const href = from.text();
  return from.remember(attempt('a URL', () => new URL(href)));
}

function attempt<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw corrupt(`${what} is malformed`, error);
  }
}
