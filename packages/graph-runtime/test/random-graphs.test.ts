/**
 * Random graphs, killed at random writes and at any durability, come to what a plain interpretation of them comes to. A
 * failure prints the seed and the smallest graph that still fails. The long form: `npm run fuzz -- graphs`.
 */
import { randomUUID } from 'node:crypto';
import type { Durability } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { interpret } from './fixtures/random-graphs/interpret.js';
import { type Lived, type Lives, live } from './fixtures/random-graphs/live.js';
import { graphs } from './fixtures/random-graphs/spec.js';
import { stores } from './fixtures/stores.js';

/** For each store, as often as its speed allows within a few seconds. */
const runs: Readonly<Record<string, number>> = { memory: 40, sqlite: 20, postgres: 8 };
const times = Number(process.env['CAIRN_GRAPHS_TIMES'] ?? 1);
const seed = process.env['CAIRN_GRAPHS_SEED'];

const durabilities: readonly Durability[] = ['sync', 'async', 'exit', { every: 2 }, { every: 3 }];
const lives: fc.Arbitrary<Lives> = fc.record({
  turns: fc.integer({ min: 1, max: 2 }),
  kills: fc.array(fc.record({ after: fc.nat(14), stored: fc.boolean() }), { maxLength: 5 }),
  durabilities: fc.array(fc.constantFrom(...durabilities), { minLength: 1, maxLength: 3 }),
  stops: fc.record({
    before: fc.array(fc.nat(5), { maxLength: 1 }),
    after: fc.array(fc.nat(5), { maxLength: 1 }),
  }),
  forks: fc.array(fc.option(fc.nat(6), { nil: undefined, freq: 2 }), { maxLength: 2 }),
  answersAll: fc.boolean(),
});

it.each(stores)(
  'a random graph that is killed at random comes to its plain meaning, on $name',
  {
    timeout: 60_000 * times,
  },
  async ({ name, open }) => {
    const saver = open();
    const property = fc.asyncProperty(graphs(2), lives, async (graph, plan) => {
      const lived = await live(saver, randomUUID(), graph, plan);
      check(lived, interpret(graph, plan.turns), plan);
    });
    const chosen = seed === undefined ? {} : { seed: Number(seed) };
    await fc.assert(property, {
      numRuns: (runs[name] ?? 1) * times,
      interruptAfterTimeLimit: 55_000 * times,
      markInterruptAsFailure: true,
      ...chosen,
    });
  },
);

it('random graphs come upon all that they are made of', { timeout: 60_000 }, async () => {
  const saver = new MemorySaver();
  const seen = new Set<string>();
  for (const [graph, plan] of fc.sample(fc.tuple(graphs(2), lives), { seed: 1, numRuns: 40 }))
    for (const what of (await live(saver, randomUUID(), graph, plan)).ledger.seen) seen.add(what);
  expect([...seen].toSorted()).toEqual(['cached', 'fallback', 'fork', 'kill', 'question', 'retry', 'stop']);
});

function check(lived: Lived, meaning: ReturnType<typeof interpret>, plan: Lives): void {
  expect({ values: lived.values, conflicts: lived.conflicts }).toEqual({
    values: meaning.states.at(-1),
    conflicts: meaning.conflicts,
  });
  // Every superstep that had to be stored has one checkpoint, and no other state was ever stored.
  if (plan.durabilities.every((durability) => durability === 'sync')) expect(lived.states).toEqual(meaning.states);
  else expect(stepsThrough(lived.states, meaning.states)).toBe(true);
  expect(lived.ledger.faults).toEqual([]);
  for (const count of lived.ledger.times.values()) expect(count).toBeLessThanOrEqual(1 + lived.killed);
}

/** True when the states are some of the others, in the same order. */
function stepsThrough(states: readonly unknown[], others: readonly unknown[]): boolean {
  const left = others.map((state) => JSON.stringify(state));
  return states.every((state) => {
    const index = left.indexOf(JSON.stringify(state));
    left.splice(0, index + 1);
    return index >= 0;
  });
}
