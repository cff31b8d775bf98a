/** Two stored states side by side: what differs, by channel. */
import { differences, type ValueDifference } from '../delta/differences.js';
import type { RowCodec } from './row-codec.js';

/** One place where two states differ; a channel that only one of them has is a difference with an empty path. */
export interface StateDifference extends ValueDifference {
  readonly channel: string;
}

type Values = Readonly<Record<string, unknown>>;

/** What it takes to get from one state to the other, channels in the first's order, then the second's. */
export function compareStates(codec: RowCodec, before: Values, after: Values): readonly StateDifference[] {
  const found: StateDifference[] = [];
  for (const channel of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const encode = (value: unknown): Uint8Array => codec.encode(channel, value, channel);
    const [was, is] = [Object.hasOwn(before, channel), Object.hasOwn(after, channel)];
    if (!is) found.push({ channel, path: [], kind: 'removed', before: before[channel], after: undefined });
    else if (!was) found.push({ channel, path: [], kind: 'added', before: undefined, after: after[channel] });
    else for (const each of differences(before[channel], after[channel], encode)) found.push({ channel, ...each });
  }
  return found;
}
