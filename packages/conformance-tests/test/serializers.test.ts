/** The suite for serializers: Cairn's own passes it whole, each mutant fails the cases that claim it. */
import { createCairnSerializer, type Serializer, UnserializableValueError } from '@cairn/checkpoint-core';
import {
  formatSerializerReport,
  optionalKinds,
  registerSerializerConformance,
  runSerializerConformance,
  serializerCases,
  serializerMutants,
} from '@cairn/conformance-tests';
import { describe, expect, it } from 'vitest';

registerSerializerConformance({ describe, it }, createCairnSerializer(), { reopen: () => createCairnSerializer() });

describe('the report', () => {
  it('grades full what keeps everything and was opened again', () => {
    const report = runSerializerConformance(createCairnSerializer(), {
      reopen: () => createCairnSerializer(),
      seed: 1,
    });
    expect(report.grade).toBe('full');
    expect(formatSerializerReport(report)).toMatch(/^Conformance of the serializer cairn-1 \(seed 1\)\nGrade: full/);
    expect(runSerializerConformance(createCairnSerializer(), { only: ['isolated/'] }).grade).toBe('incomplete');
    expect(runSerializerConformance(createCairnSerializer()).grade).toBe('as declared');
  });

  it('grades as declared what refuses what it declares, and failed what keeps it all the same', () => {
    const inner = createCairnSerializer();
    const refusesDates: Serializer = {
      id: 'no-dates',
      encode: (value) => {
        const path = value instanceof Date ? '' : pathOfDate(value);
        if (path !== undefined) throw new UnserializableValueError('it is a Date.', { path });
        return inner.encode(value);
      },
      decode: (bytes) => inner.decode(bytes),
    };
    const only = ['lossless/dates', 'lossless/atoms'];
    const outcomes = (serializer: Serializer): unknown =>
      runSerializerConformance(serializer, { notKept: ['dates'], only }).cases.flatMap(({ id, outcome }) =>
        id === 'lossless/dates' ? [outcome] : [],
      );
    expect(outcomes(refusesDates)).toEqual(['refuses']);
    expect(outcomes(inner)).toEqual(['failed']);
    const text = formatSerializerReport(runSerializerConformance(inner, { notKept: ['dates'], only }));
    expect(text).toMatch(/FAIL {2}lossless\/dates/);
    expect(text).toMatch(/must be refused, and was encoded/);
  });

  it('takes no kind that it does not know, and no selection of nothing', () => {
    expect(() => runSerializerConformance(createCairnSerializer(), { notKept: ['date' as never] })).toThrow(/no kind/);
    expect(() => registerSerializerConformance({ describe, it }, createCairnSerializer(), { only: ['x'] })).toThrow();
  });
});

describe('the cases', () => {
  it('have ids and sentences of their own, and one for each kind of values', () => {
    expect(new Set(serializerCases.map(({ id }) => id)).size).toBe(serializerCases.length);
    expect(new Set(serializerCases.map(({ states }) => states)).size).toBe(serializerCases.length);
    for (const { id } of serializerCases)
      expect(id).toMatch(/^(lossless|honest|self-contained|safe|isolated)\/[a-z-]+$/);
    expect(serializerCases.flatMap(({ about }) => about ?? []).sort()).toEqual([...optionalKinds].sort());
  });
});

describe('mutants', () => {
  for (const { id, defect, caughtBy, notKept = [], make } of serializerMutants) {
    it(`${id} is caught: ${defect}`, () => {
      const { cases } = runSerializerConformance(make(), { notKept, only: caughtBy, reopen: make, seed: 1 });
      const caught = cases.filter(({ outcome }) => outcome === 'failed').map((each) => each.id);
      expect(caught).toEqual(expect.arrayContaining([...caughtBy]));
    });
  }
});

function pathOfDate(value: unknown): string | undefined {
  const { list } = (value ?? {}) as { list?: readonly { value?: unknown }[] };
  return list?.[1]?.value instanceof Date ? 'list[1].value' : undefined;
}
