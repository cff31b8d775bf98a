/** How values that follow one another are kept: what is one object stays one. */
import { expect, it } from 'vitest';
import { copierOf, keep } from '../../src/delta/keep.js';
import { createCairnSerializer } from '../../src/index.js';

const copier = copierOf(createCairnSerializer());

it('an object in two lists is one, also where one of the lists had got shorter and its items are again what they were', () => {
  const items = Array.from({ length: 10 }, () => ({ done: 0 }));
  const box = { list: [...items] };
  const first = keep(box, keep({ list: box.list }, undefined, copier), copier) as typeof box;
  for (const item of items) item.done = 1;
  box.list.pop();
  const shorter = keep(box, first, copier) as typeof box;
  const both = keep({ a: first.list, b: shorter.list }, undefined, copier);
  for (const item of items) item.done = 0;
  const { a, b } = keep({ a: [...items], b: items.slice(0, 9) }, both, copier) as Record<'a' | 'b', unknown[]>;
  expect(a[3]).toBe(b[3]);
});

it('an item that a getter makes is read once: what it says the next time stays the caller’s', () => {
  const callers = { deep: { n: 1 } };
  const answers: unknown[] = ['a', callers];
  const list = Object.defineProperty(['first'], 1, { enumerable: true, get: () => answers.shift() });
  expect(keep(list, undefined, copier)).toEqual(['first', 'a']);
  expect(Object.isFrozen(callers)).toBe(false);
});
