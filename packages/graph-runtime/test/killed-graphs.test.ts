/**
 * Random graphs in processes that SIGKILL ends at random writes, one after the other: the last one comes to what a plain
 * interpretation of the graph comes to. The long form, on PostgreSQL, too: `npm run fuzz -- graphs`.
 */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { interpret } from './fixtures/random-graphs/interpret.js';
import type { End, KilledLives, RealKill } from './fixtures/random-graphs/live-once.js';
import { graphs } from './fixtures/random-graphs/spec.js';
import { runProcess } from './fixtures/run-process.js';
import { sharedStores } from './fixtures/shared-stores.js';
import { temporaryFolder } from './fixtures/stores.js';

const times = Number(process.env['CAIRN_GRAPHS_TIMES'] ?? 1);
const seed = Number(process.env['CAIRN_GRAPHS_SEED'] ?? Date.now() % 2 ** 31);
const GRAPHS = 7;

const kill: fc.Arbitrary<RealKill> = fc.record({
  after: fc.nat(9),
  moment: fc.constantFrom('before', 'inside', 'after'),
});
const jobs: fc.Arbitrary<Omit<KilledLives, 'threadId' | 'ledger'>> = fc.record({
  graph: graphs(1),
  turns: fc.integer({ min: 1, max: 2 }),
  kills: fc.array(kill, { minLength: 3, maxLength: 4 }),
  durabilities: fc.array(fc.constantFrom('sync' as const, 'async' as const, 'exit' as const, { every: 2 }), {
    minLength: 1,
    maxLength: 3,
  }),
  stops: fc.record({ before: fc.array(fc.nat(5), { maxLength: 1 }), after: fc.array(fc.nat(5), { maxLength: 1 }) }),
  forks: fc.array(fc.option(fc.nat(6), { nil: undefined, freq: 2 }), { maxLength: 2 }),
  answersAll: fc.boolean(),
});

const stores = times > 1 ? sharedStores : sharedStores.filter(({ name }) => name === 'sqlite');

it.each(stores)(
  'random graphs whose processes are killed come to their plain meaning, on $name',
  async ({ create }) => {
    const store = await create();
    const folder = temporaryFolder();
    let kills = 0;
    for (const drawn of fc.sample(jobs, { seed, numRuns: GRAPHS * times })) {
      const threadId = randomUUID();
      const file = join(folder, threadId);
      writeFileSync(file, JSON.stringify({ ...drawn, store, threadId, ledger: `${file}.ledger` }));
      let end: End | undefined;
      for (let life = 0; end === undefined; life += 1) {
        const { signal, output, errors } = await runProcess('random-life.mjs', [file, String(life)]);
        const what = `seed ${seed}, life ${life} of ${JSON.stringify(drawn)}: ${errors}`;
        if (signal === 'SIGKILL') kills += 1;
        else expect(errors, what).toBe('');
        if (signal === null) end = JSON.parse(output) as End;
      }
      const { states, conflicts } = interpret(drawn.graph, drawn.turns);
      const what = `seed ${seed}, ${JSON.stringify(drawn)}`;
      expect({ values: end.values, conflicts: end.conflicts, faults: end.faults }, what).toEqual({
        values: states.at(-1),
        conflicts,
        faults: [],
      });
      if (drawn.durabilities.every((durability) => durability === 'sync')) expect(end.states, what).toEqual(states);
    }
    expect(kills).toBeGreaterThan(GRAPHS * times);
  },
  120_000 * times,
);
