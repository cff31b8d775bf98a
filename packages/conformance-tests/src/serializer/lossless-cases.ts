/** **Lossless**: what is accepted comes back equal; what a format declares not to keep is refused, never altered. */
import assert from 'node:assert/strict';
import { assertSame } from '../fixtures/assert-same.js';
import { assertKept, assertRefused, roundTrip } from './round-trip.js';
import type { SerializerCase, SerializerContext } from './serializer-case.js';
import {
  type OptionalKind,
  optionalKinds,
  type RequiredKind,
  requiredKinds,
  sampleOf,
  samplesOf,
} from './value-kinds.js';

export const losslessCases: readonly SerializerCase[] = [
  ...requiredKinds.map(
    (kind): SerializerCase => ({
      id: idOf(kind),
      states: `Values that every format keeps come back equal: ${kind}.`,
      run: ({ serializer }) => keeps(serializer, kind),
    }),
  ),
  ...optionalKinds.map(
    (kind): SerializerCase => ({
      id: idOf(kind),
      states: `Values come back equal, or are refused where the format declares that: ${kind}.`,
      about: kind,
      run: ({ serializer, refuses }) => {
        if (!refuses(kind)) return keeps(serializer, kind);
        for (const value of samplesOf(kind)) assertRefused(serializer, value, `a value of the kind "${kind}"`);
      },
    }),
  ),
  {
    id: 'lossless/its-own-markers',
    states: 'Data that looks like the encoding itself is just data.',
    run: markersAreData,
  },
  {
    id: 'lossless/again-and-again',
    states: 'A value that came back is a value like any other: it is encoded and comes back again.',
    run({ serializer, kept }) {
      for (const value of kept) {
        const once = roundTrip(serializer, value);
        assertSame(roundTrip(serializer, once), value);
      }
    },
  },
];

function idOf(kind: RequiredKind | OptionalKind): string {
  return `lossless/${kind.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
}

function keeps(serializer: SerializerContext['serializer'], kind: RequiredKind | OptionalKind): void {
  const { make, check } = sampleOf(kind);
  for (const index of samplesOf(kind).keys()) {
    assertKept(serializer, () => samplesOf(kind)[index], `values of the kind "${kind}" come back equal`);
  }
  check?.(roundTrip(serializer, make()) as never);
}

/** An encoding that is JSON text is itself data, and must come back as that. So must one that is read as text. */
function markersAreData({ serializer, kept }: SerializerContext): void {
  for (const value of kept) {
    const text = new TextDecoder().decode(serializer.encode(value));
    assert.equal(roundTrip(serializer, text), text, 'the text of an encoding is text');
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      continue;
    }
    assertSame(roundTrip(serializer, { data }), { data }, `the data ${text.slice(0, 100)} is just data`);
  }
}
