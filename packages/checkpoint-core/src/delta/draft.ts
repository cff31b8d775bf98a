/** What a commit stores of a channel: a record before it has a seq, and what its chain becomes. */
import { hasCode } from '../errors/checkpoint-error.js';
import { type Chain, ChainLink, FULL_LEVEL, nextPlace, type Place, weigh, withLink } from './chain.js';
import { diff } from './diff.js';
import { endEpoch } from './kept.js';

export interface RecordDraft {
  readonly kind: 'full' | 'delta';
  readonly payload: Uint8Array;
  readonly restsOn: readonly number[];
  /** The channel's chain once this record lies at `seq`. */
  chainAt(seq: number): Chain;
}

/** How a draft turns values into bytes. @throws UnserializableValueError */
export type EncodeValue = (value: unknown) => Uint8Array;

/** A full value may weigh so many times what the difference does and still be stored in its place. */
const WORTH = 2;

/**
 * The record that stores `value`, a kept one, after the values of a chain.
 *
 * @param chain - undefined stores it whole.
 */
export function draftRecord(value: unknown, chain: Chain | undefined, fork: boolean, encode: EncodeValue): RecordDraft {
  const place = chain && nextPlace(chain, fork);
  const delta = place && draftDelta(value, place, encode);
  const weight = delta && weigh(place, delta.payload.length);
  if (delta && weight === 'light') return delta;
  const full = draftFull(value, encode(value));
  return delta && weight === 'heavy' && full.payload.length > WORTH * delta.payload.length ? delta : full;
}

export function draftFull(value: unknown, payload: Uint8Array): RecordDraft {
  return {
    kind: 'full',
    payload,
    restsOn: [],
    chainAt: (seq) => [new ChainLink(seq, payload.length, FULL_LEVEL, value, endEpoch())],
  };
}

function draftDelta(value: unknown, place: Place, encode: EncodeValue): RecordDraft | undefined {
  const { rests, on, level } = place;
  const delta = diff(on.value, value, on.epoch);
  if (delta === undefined) return undefined;
  try {
    const payload = encode([level, delta]);
    return {
      kind: 'delta',
      payload,
      restsOn: rests.map(({ seq }) => seq),
      chainAt: (seq) => withLink(rests, new ChainLink(seq, payload.length, level, value, endEpoch())),
    };
  } catch (error) {
    // A difference nests deeper than its value: what lies near the limit of depth is stored whole.
    if (hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE')) return undefined;
    throw error;
  }
}
