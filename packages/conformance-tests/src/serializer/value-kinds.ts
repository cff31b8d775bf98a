/** The kinds of values a format may keep, with samples of each: those that every format keeps, and those it may refuse. */
import { type SampleValue, sampleValues } from '../fixtures/values.js';

/** What no format can do without: the data that core's own rows are made of. */
export const requiredKinds = [
  'atoms',
  'finite numbers',
  'well-formed strings',
  'lists',
  'key order',
  'odd keys',
  'lookalikes of serialized classes',
  'lookalikes of tags',
  'deep nesting',
  'wide lists',
] as const;

/** What a format may declare that it does not keep; it refuses it then. */
export const optionalKinds = [
  'undefined',
  'special numbers',
  'bigints',
  'lone surrogates',
  'dates',
  'regular expressions',
  'URLs',
  'maps',
  'sets',
  'bytes',
  'typed arrays',
  'errors',
  'sparse arrays',
  'own __proto__ keys',
  'null prototypes',
  'shared references',
  'cycles',
] as const;

export type RequiredKind = (typeof requiredKinds)[number];
export type OptionalKind = (typeof optionalKinds)[number];

/** Samples that the suite for savers mixes with others. */
const ownSamples: readonly SampleValue[] = [
  { name: 'atoms', make: () => [null, true, false] },
  {
    name: 'finite numbers',
    make: () => [0, 1, -1, 0.1, -1.5, 1e21, 2 ** 31, 2 ** 53, -(2 ** 53), 5e-324, 1.7976931348623157e308],
  },
  { name: 'special numbers', make: () => [-0, NaN, Infinity, -Infinity] },
  {
    name: 'well-formed strings',
    make: () => ['', 'a\0b', '🪨', '\u2028', '\ufeffa', 'e\u0301', '"\\/', '</script>', 'x'.repeat(70_000)],
  },
  { name: 'lone surrogates', make: () => ['\ud800', 'x\udfff', '\udc00\ud800'] },
  { name: 'undefined', make: () => [undefined, { there: undefined }, [undefined, 1]] },
  { name: 'lists', make: () => [[], [[]], [null, [false, ['a']]], [{ a: [{}] }], [1, '1', true]] },
];

/** The values of one kind, each on its own, made anew at each call. */
export function samplesOf(kind: RequiredKind | OptionalKind): readonly unknown[] {
  const made = sampleOf(kind).make();
  return Array.isArray(made) && made.length < 100 ? made : [made];
}

/** What deep equality can't see of a kind's sample. */
export function sampleOf(kind: RequiredKind | OptionalKind): SampleValue {
  const sample = [...ownSamples, ...sampleValues].find(({ name }) => name === kind);
  if (sample === undefined) throw new TypeError(`There is no sample of ${kind}.`);
  return sample;
}
