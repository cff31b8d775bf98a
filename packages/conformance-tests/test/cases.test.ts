/** The cases themselves: ids that say where they belong, sentences that say what must hold. */
import { caseGroups, conformanceCases, exclusion, groupOf } from '@cairn/conformance-tests';
import { describe, expect, it } from 'vitest';

describe('the cases', () => {
  it('have ids of their own, each of a known group', () => {
    const ids = conformanceCases.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids)
      expect(id).toMatch(/^(law-([1-9]|10)|method|values|model|processes|kill|power-cut)\/[a-z0-9-]+$/);
  });

  it('cover every law with several', () => {
    for (const group of caseGroups.keys()) {
      expect(conformanceCases.filter(({ id }) => groupOf(id) === group).length, group).toBeGreaterThanOrEqual(5);
    }
  });

  it('state what must hold in a sentence of their own', () => {
    const sentences = conformanceCases.map(({ states }) => states);
    expect(new Set(sentences).size).toBe(sentences.length);
    for (const states of sentences) expect(states).toMatch(/^\S.*\.$/s);
  });

  it('are excluded by capability, or by what a harness does not offer, and by nothing else', () => {
    const declared = { permanence: 'process', shared: 'instances', maintenance: false } as const;
    expect(exclusion(undefined, declared)).toBeUndefined();
    expect(exclusion({ shared: 'instances' }, declared)).toBeUndefined();
    expect(exclusion({ shared: 'instances' }, { ...declared, shared: 'processes' })).toBeUndefined();
    expect(exclusion({ shared: 'processes' }, declared)).toMatch(/shared by processes/);
    expect(exclusion({ permanence: 'disk' }, declared)).toMatch(/permanence 'disk'/);
    expect(exclusion({ maintenance: true }, declared)).toMatch(/maintenance/);
    expect(exclusion({ recordedStore: true }, declared)).toMatch(/recordStore/);
  });
});
