import { describe, expect, it } from 'vitest';
import { assertSame } from '../src/fixtures/assert-same.js';

const never = new Date(Number.NaN);

describe('assertSame', () => {
  it('holds invalid Dates equal on every version of Node, wherever they lie', () => {
    assertSame({ a: 1, dates: [new Date(0), never] }, { dates: [new Date(0), new Date(Number.NaN)], a: 1 });
  });

  it('tells apart what differs beside an invalid Date', () => {
    const wrong: [unknown, unknown][] = [
      [never, new Date(0)],
      [new Date(0), never],
      [
        [never, 1],
        [new Date(Number.NaN), 2],
      ],
      [[never], [new Date(Number.NaN), undefined]],
      [[never, undefined], Object.assign([new Date(Number.NaN)], { length: 2 })],
      [{ never }, { never: new Date(Number.NaN), more: undefined }],
      [never, {}],
      [{}, never],
    ];
    for (const [actual, expected] of wrong) expect(() => assertSame(actual, expected)).toThrow(/came/);
  });

  it('names the first place where two values differ', () => {
    expect(() => assertSame({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, 'it holds')).toThrow(
      'it holds: at a[1].b, 2 came, not 3',
    );
  });
});
