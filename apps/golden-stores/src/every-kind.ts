/** A value of every kind that is kept, small, made anew at each call. Never change one: golden stores hold it. */
import { registerClass } from '@cairn/checkpoint-core';

export class Money {
  readonly cents: number;
  readonly currency: string;

  constructor(cents: number, currency: string) {
    this.cents = cents;
    this.currency = currency;
  }
}

export const classes = [
  registerClass({
    name: 'Money',
    class: Money,
    toData: ({ cents, currency }) => [cents, currency],
    fromData: (data) => {
      const [cents, currency] = data as [number, string];
      return new Money(cents, currency);
    },
  }),
];

/** By the name of the channel that holds it. */
export function everyKind(): Record<string, unknown> {
  const shared = { inner: [1] };
  const loop: Record<string, unknown> = { name: 'loop', list: [] };
  loop['self'] = loop;
  (loop['list'] as unknown[]).push(loop['list']);
  return {
    nothing: null,
    missing: undefined,
    yes: true,
    zero: 0,
    minusZero: -0,
    notANumber: Number.NaN,
    infinite: -Infinity,
    large: 1.7976931348623157e308,
    tiny: 5e-324,
    whole: 2 ** 53,
    short: 'short',
    bigint: -(2n ** 200n) + 1n,
    smallBigint: 3n,
    nothings: [null, undefined, { there: undefined }, true, false],
    numbers: [0, -0, 0.1, -1.5, Number.NaN, Infinity, 2 ** 31, -(2 ** 53)],
    strings: ['', 'a\0b', '\ud800', 'x\udfff', '🪨', '\u2028', 'ÿ', 'long '.repeat(300)],
    dates: [new Date(0), new Date(-1), new Date(8.64e15), new Date(Number.NaN)],
    expressions: [/a/u, /[/\\]\n/dgimsy, /(?:)/],
    urls: [new URL('https://user:pw@example.com:8080/a%20b?q=1#h'), new URL('urn:isbn:0451450523')],
    map: new Map<unknown, unknown>([
      ['a', 1],
      [Number.NaN, { key: [1n] }],
    ]),
    set: new Set<unknown>(['b', 'a', undefined, new Set(['c'])]),
    bytes: [new ArrayBuffer(3), Buffer.from([0, 255, 128]), new Uint8Array(0), Uint8ClampedArray.of(1, 2)],
    views: [
      ...[Int8Array.of(-1), Uint16Array.of(65_535), Int16Array.of(-2), Uint32Array.of(2 ** 32 - 1), Int32Array.of(-3)],
      ...[Float32Array.of(0.5, Number.NaN, -0), Float64Array.of(Math.PI), new DataView(new ArrayBuffer(2))],
      ...[BigInt64Array.of(-(2n ** 63n)), BigUint64Array.of(2n ** 64n - 1n)],
    ],
    errors: [
      placed(new Error('plain')),
      placed(new RangeError('with a cause', { cause: placed(new TypeError('inner')) })),
      placed(Object.assign(new Error('with fields'), { code: 'E_FIELD' })),
      placed(new AggregateError([placed(new SyntaxError('one')), 'two'], 'several')),
    ],
    sparse: sparse(),
    oddKeys: JSON.parse('{"__proto__": {"a": 1}, "constructor": 1, "": 2, "1": 3, "01": 4, "a.b": 5}') as unknown,
    noPrototype: Object.assign(Object.create(null) as object, { toString: 1 }),
    lookalikes: [{ $type: 'Date', value: 0 }, { lc: 1, type: 'constructor' }, ['bigint', '5'], '$undefined'],
    shared: { left: shared, right: shared },
    loop,
    price: new Money(7_900, 'CHF'),
    prices: [new Money(1, 'EUR'), { of: new Money(2, 'USD') }],
  };
}

/** With the same stack wherever it is written: a real one names the folders of the machine. */
function placed<Thrown extends Error>(error: Thrown): Thrown {
  error.stack = `${error.name}: ${error.message}\n    at everyKind (every-kind.ts)`;
  return error;
}

function sparse(): unknown[] {
  const holes: unknown[] = [];
  holes.length = 4;
  holes[2] = 'c';
  return holes;
}
