/**
 * Metadata as opaque tokens: how a saver filters exactly without ever reading JSON.
 *
 * Each top-level pair becomes the digest of its key and its canonical JSON value. So a key may be any text, equality
 * is exact, every saver filters alike, and metadata can be encrypted and still be searched: the digests are keyed then.
 */
import type { JsonValue, Metadata } from './checkpoint-body.js';
import { digestOf } from './encoding/checksum.js';
import type { IndexKey } from './encoding/index-key.js';
import { isPlainObject } from './encoding/standard-prototype.js';
import { UnserializableValueError } from './errors/encoding-errors.js';

/**
 * One token for each top-level pair, sorted.
 *
 * @param index - keys the tokens; without one anybody who guesses a pair can tell whether it is there.
 * @throws UnserializableValueError when a value is not JSON, naming its path.
 */
export function metadataTokens(metadata: Metadata, index?: IndexKey): readonly string[] {
  if (!isPlainObject(metadata)) throw notJson('metadata', 'not a plain object');
  const entries = Object.entries(metadata);
  const tokenOf = (key: string, json: string) =>
    index ? index.token(`${JSON.stringify(key)}:${json}`) : digestOf(key, json);
  return entries.map(([key, value]) => tokenOf(key, canonicalJson(value, `metadata.${key}`))).sort();
}

/** Deeper metadata is refused: it is meant for finding checkpoints, and a cycle has no end. */
const mostLevels = 100;

/** JSON with sorted keys, so that equal values have one text. */
function canonicalJson(value: JsonValue, path: string, level = 1): string {
  if (level > mostLevels) throw notJson('metadata', `nested more than ${mostLevels} levels deep, or cyclic`);
  if (Array.isArray(value)) {
    // From, not map: a hole is an undefined, which is refused.
    return `[${Array.from(value, (item, index) => canonicalJson(item, `${path}[${index}]`, level + 1)).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    if (!isPlainObject(value)) throw notJson(path, 'an instance of a class');
    const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item, `${path}.${key}`, level + 1)}`).join(',')}}`;
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  throw notJson(path, typeof value === 'number' ? String(value) : `of type ${typeof value}`);
}

function notJson(path: string, what: string): UnserializableValueError {
  return new UnserializableValueError(
    `it is ${what}, and metadata holds plain JSON only, since it is searched. Put other values into a channel.`,
    { path },
  );
}
