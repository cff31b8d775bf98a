/** Planning takes time by what is planned, not by each name times each task. */
import { expect, it } from 'vitest';
import type { RunScope } from '../src/run/run-scope.js';
import { planNext } from '../src/superstep/plan.js';

it('a name is not looked for among what was sent', async () => {
  const many = 1_000;
  let looks = 0;
  const sent = {
    get node() {
      looks++;
      return 'work';
    },
    input: 1,
  };
  const departures = [
    { node: 'spread', goto: Array.from({ length: many }, () => sent) },
    ...Array.from({ length: many }, () => ({ node: 'work', goto: ['work', 'gather'] })),
  ];
  const graph = { edges: new Map(), routes: new Map(), joins: new Map() };
  const { tasks } = await planNext({ graph } as unknown as RunScope, departures, {});
  expect(tasks.slice(many)).toEqual([{ node: 'work' }, { node: 'gather' }]);
  expect(looks).toBeLessThanOrEqual(many);
});
