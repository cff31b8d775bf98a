import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { changesBetween } from '../src/commands/changes.js';

it('changes are told leaf by leaf: new, another, gone', () => {
  const before = { facts: { kind: 'return', orderId: null }, order: { items: [1, 2] }, approved: null };
  const after = {
    facts: { kind: 'damaged', orderId: null },
    order: { items: [1] },
    approved: true,
    reply: null,
    refunds: [],
  };
  expect(changesBetween(before, after).map(stripVTControlCharacters)).toEqual([
    '~ facts.kind  "return" → "damaged"',
    '+ approved  true',
    '+ refunds  []',
    '- order.items[1]  2',
  ]);
});
