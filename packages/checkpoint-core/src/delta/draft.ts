/** What a commit stores of a channel: a record before it has a seq, and what its chain becomes. */
import { orRefused } from '../encoding/refusal.js';
import { type Chain, FULL_LEVEL, linkAfter, nextPlace, type Place, weigh, withLink } from './chain.js';
import { deltaContent } from './delta.js';
import { diff } from './diff.js';
import { endEpoch } from './kept.js';

export interface RecordDraft {
  readonly kind: 'full' | 'delta';
  readonly payload: Uint8Array;
  readonly restsOn: readonly number[];
  /** The channel's chain once this record lies at `seq`. */
  chainAt(seq: number): Chain;
}

interface DeltaDraft extends RecordDraft {
  /** What the difference takes away, in bytes. */
  readonly gone: number;
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
  const weight = delta && weigh(place, delta.payload.length, delta.gone);
  if (delta === undefined) return draftFull(value, encode(value));
  if (weight === 'light') return delta;
  // The whole may be refused where its parts are not: what was written in another format, what has grown beyond a limit.
  const payload = orRefused(() => encode(value));
  const isWorse = payload === undefined || (weight === 'heavy' && payload.length > WORTH * delta.payload.length);
  return isWorse ? delta : draftFull(value, payload);
}

export function draftFull(value: unknown, payload: Uint8Array): RecordDraft {
  return {
    kind: 'full',
    payload,
    restsOn: [],
    chainAt: (seq) => [
      linkAfter(undefined, { seq, bytes: payload.length, level: FULL_LEVEL, value, epoch: endEpoch() }),
    ],
  };
}

function draftDelta(value: unknown, place: Place, encode: EncodeValue): DeltaDraft | undefined {
  const { rests, on, level } = place;
  const difference = diff(on.value, value, on.epoch);
  if (difference === undefined) return undefined;
  const gone = difference.gone.length === 0 ? 0 : (orRefused(() => encode(difference.gone))?.length ?? 0);
  // A difference nests deeper than its value: what lies near the limit of depth is stored whole.
  const payload = orRefused(() => encode(deltaContent(level, difference.delta, gone)));
  return (
    payload && {
      kind: 'delta',
      payload,
      gone,
      restsOn: rests.map(({ seq }) => seq),
      chainAt: (seq) =>
        withLink(rests, linkAfter(on, { seq, bytes: payload.length, level, value, epoch: endEpoch(), gone })),
    }
  );
}
