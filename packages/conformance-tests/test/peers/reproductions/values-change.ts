/** Values of a state, stored and read back. */
import { inspect } from 'node:util';
import { savedAndLoaded } from './cairn-calls.js';
import { put, valuesOf } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

const values: Readonly<Record<string, unknown>> = {
  date: new Date(0),
  url: new URL('https://example.com/a'),
  notANumber: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  minusZero: -0,
  floats: Float32Array.of(1.5),
  buffer: Buffer.from([1, 2]),
  error: new RangeError('no', { cause: 'why' }),
  regExp: /a/giu,
  map: new Map([['k', 1]]),
  undefinedInside: [undefined],
  hole: Object.assign([1], { 2: 2 }),
};

const changed = {
  date: "1970-01-01T00:00:00.000Z → '1970-01-01T00:00:00.000Z'",
  url: "URL https://example.com/a → 'https://example.com/a'",
  notANumber: 'NaN → null',
  infinity: 'Infinity → null',
  minusZero: '-0 → 0',
  floats: "Float32Array(1) [ 1.5 ] → { '0': 1.5 }",
  error: "RangeError: no { [cause]: 'why' } → Error: no",
  hole: '[ 1, <1 empty item>, 2 ] → [ 1, undefined, 2 ]',
};
const changedBuffer = { buffer: "<Buffer 01 02> → { type: 'Buffer', data: [ 1, 2 ] }" };

export const valuesChange: Reproduction = {
  id: 'values-change',
  breaks: 'values',
  statement: 'dates, URLs, numbers, typed arrays, Buffers and errors come back as something else, and nothing says so',
  explanation:
    'The default serializer is JSON with a few classes added. What it does not know is stored as what `toJSON` or ' +
    '`JSON.stringify` makes of it. A node that called `state.due.getTime()` works until the process is restarted. PostgresSaver keeps a Buffer that is the whole value of a channel, and none that is inside of one.',
  explains: ['law-10/put-views'],
  peers: {
    MemorySaver: { ...changed, ...changedBuffer },
    SqliteSaver: { ...changed, ...changedBuffer },
    PostgresSaver: changed,
  },
  cairn: {},

  async onPeer(saver) {
    await put(saver, 'a', values);
    return changesIn(await valuesOf(saver, 'a'));
  },

  async onCairn(saver) {
    return changesIn((await savedAndLoaded(saver, values)) as Record<string, unknown>);
  },
};

/** The values that are not what they were, each as it was and as it is. */
function changesIn(loaded: Readonly<Record<string, unknown>>): Record<string, string> {
  const shown = (value: unknown): string =>
    value instanceof URL
      ? `URL ${value.href}`
      : inspect(value, { breakLength: Number.POSITIVE_INFINITY })
          .replace(/\n\s+at .*/g, '')
          .replace("no\n  [cause]: 'why'\n}", "no { [cause]: 'why' }");
  const pairs = Object.entries(values).map(([name, value]) => [name, shown(value), shown(loaded[name])] as const);
  return Object.fromEntries(
    pairs.filter(([, was, is]) => was !== is).map(([name, was, is]) => [name, `${was} → ${is}`]),
  );
}
