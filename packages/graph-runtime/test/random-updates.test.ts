/**
 * An update of nothing changes nothing: random graphs whose state, and whose sub-graphs' states, are updated with `{}` wherever
 * they wait, stop or fail come to what a plain interpretation comes to. The long form: `npm run fuzz -- graphs`.
 */
import { randomUUID } from 'node:crypto';
import { hasCode } from '@cairn/checkpoint-core';
import type { ChildState, Durability } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answerTo, inputOf } from './fixtures/random-graphs/behaviour.js';
import { build } from './fixtures/random-graphs/build.js';
import { interpret } from './fixtures/random-graphs/interpret.js';
import { graphs } from './fixtures/random-graphs/spec.js';
import { Flaky, Ledger } from './fixtures/random-graphs/world.js';
import { stores } from './fixtures/stores.js';

const runs: Readonly<Record<string, number>> = { memory: 60, sqlite: 15, postgres: 5 };
const times = Number(process.env['CAIRN_GRAPHS_TIMES'] ?? 1);
const seed = process.env['CAIRN_GRAPHS_SEED'];
/** More calls than any drawn graph needs: one that comes no further is a failure. */
const MOST_CALLS = 1_000;

type Graph = ReturnType<typeof build>;
type Run = Awaited<ReturnType<Graph['resume']>>;
/** What is updated where a call has left the thread. */
type Touch = 'nothing' | 'outside' | 'inside' | 'both';

interface Plan {
  readonly durability: Durability;
  readonly touches: readonly Touch[];
  readonly answersAll: boolean;
}

const durabilities: readonly Durability[] = ['sync', 'async', 'exit', { every: 2 }];
const plans: fc.Arbitrary<Plan> = fc.record({
  durability: fc.constantFrom(...durabilities),
  touches: fc.array(fc.constantFrom<Touch>('nothing', 'nothing', 'outside', 'inside', 'both'), {
    minLength: 1,
    maxLength: 6,
  }),
  answersAll: fc.boolean(),
});

it.each(stores)(
  'a random graph whose states are updated with nothing comes to its plain meaning, on $name',
  { timeout: 120_000 * times },
  async ({ name, open }) => {
    const saver = open();
    const property = fc.asyncProperty(graphs(2), plans, async (spec, plan) => {
      const ledger = new Ledger();
      const graph = build(
        spec,
        ledger.life(() => false),
        { saver },
      );
      const threadId = randomUUID();
      const end = await toTheEnd(graph, threadId, plan);
      const { values } = await graph.getState({ threadId });
      const meaning = interpret(spec, 1);
      expect({ values, conflicts: end.conflicts }).toEqual({
        values: meaning.states.at(-1),
        conflicts: meaning.conflicts,
      });
      expect(ledger.faults).toEqual([]);
      for (const count of ledger.times.values()) expect(count).toBe(1);
    });
    await fc.assert(property, {
      numRuns: (runs[name] ?? 1) * times,
      ...(seed !== undefined && { seed: Number(seed) }),
    });
  },
);

it('random graphs are updated inside, too', { timeout: 60_000 }, async () => {
  const saver = new MemorySaver();
  let touched = 0;
  for (const [spec, plan] of fc.sample(fc.tuple(graphs(2), plans), { seed: 1, numRuns: 40 }))
    touched += (
      await toTheEnd(
        build(
          spec,
          new Ledger().life(() => false),
          { saver },
        ),
        randomUUID(),
        plan,
      )
    ).insides;
  expect(touched).toBeGreaterThan(5);
});

async function toTheEnd(graph: Graph, threadId: string, { durability, touches, answersAll }: Plan) {
  const options = { threadId, durability };
  let next = (): Promise<Run> => graph.invoke(inputOf(0), options);
  let insides = 0;
  for (let call = 0; call < MOST_CALLS; call += 1) {
    const run = await outcomeOf(next());
    if (run === 'conflict') return { conflicts: true, insides };
    if (run !== 'failed' && run.status === 'completed') return { conflicts: false, insides };
    // Not each time: a question that is asked anew each time is never answered.
    const touch = call < touches.length ? touches[call] : 'nothing';
    if (touch === 'inside' || touch === 'both') insides += await touchInside(graph, threadId);
    if (touch === 'outside' || touch === 'both') await graph.updateState({ threadId }, {});
    const isAsked = run !== 'failed' && touch === 'nothing';
    const asked = isAsked ? run.interrupts.slice(0, answersAll ? undefined : 1) : [];
    const answers = Object.fromEntries(asked.map(({ id, payload }) => [id, answerTo(payload)]));
    next = () => graph.resume({ ...options, answers });
  }
  throw new Error(`The thread came to no end in ${MOST_CALLS} calls.`);
}

/** Updates every sub-graph whose call is under way and whose graph is known; returns how many those were. */
async function touchInside(graph: Graph, threadId: string): Promise<number> {
  const { children = [] } = await graph.getState({ threadId, subgraphs: true });
  let touched = 0;
  for (const namespace of openIn(children)) {
    const updating = graph.updateState({ threadId, namespace }, {}).then(
      () => 1,
      // A function called it, and knows its graph alone.
      (error: unknown) => (hasCode(error, 'CAIRN_INVALID_ARGUMENT') ? 0 : Promise.reject(error)),
    );
    touched += await updating;
  }
  return touched;
}

function openIn(children: readonly ChildState[]): readonly ChildState['namespace'][] {
  return children
    .filter(({ open }) => open)
    .flatMap(({ namespace, state }) => [namespace, ...openIn(state.children ?? [])]);
}

async function outcomeOf(running: Promise<Run>): Promise<Run | 'failed' | 'conflict'> {
  try {
    return await running;
  } catch (error) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      if (hasCode(cause, 'CAIRN_CONFLICTING_UPDATE')) return 'conflict';
      if (cause instanceof Flaky) return 'failed';
    }
    throw error;
  }
}
