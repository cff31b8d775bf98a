/**
 * What a LangGraph user relies on, on each of Cairn's savers: each scenario gives the trace that is written beside it, and the
 * histories of its threads are the same on every store, state by state.
 */
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnSaver, ownSavers } from './own-savers.js';
import type { Scenario } from './scenarios/scenario.js';
import { themes } from './scenarios/themes.js';

/** One store of each kind for all scenarios: making a database's tables takes longer than most of them. */
const opened: { readonly name: string; readonly saver: CheckpointSaver; close(): Promise<void> }[] = [];

beforeAll(async () => {
  opened.push(...(await Promise.all(ownSavers.map(opening))));
});
afterAll(async () => {
  await Promise.all(opened.map(({ close }) => close()));
});

for (const [theme, scenarios] of themes) {
  describe(theme, () => {
    for (const scenario of scenarios) {
      it(`${scenario.id}: ${scenario.behaviour}`, async () => {
        const histories: unknown[] = [];
        for (const { name, saver } of opened) {
          const { trace, history } = await runOn(saver, scenario);
          expect(trace, name).toEqual(scenario.expected);
          histories.push(history);
          expect(history, name).toEqual(histories[0]);
        }
        expect(histories).toHaveLength(3);
      });
    }
  });
}

it('there are at least a hundred scenarios of what users of LangGraph rely on, each with an id of its own', () => {
  const all = [...themes.values()].flat();
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(all.filter(({ beyond }) => beyond !== true).length).toBeGreaterThanOrEqual(100);
});

async function runOn(saver: CheckpointSaver, { id, run }: Scenario) {
  const threads = new Set<string>();
  const thread = (name?: string) => {
    const threadId = name === undefined ? id : `${id} ${name}`;
    threads.add(threadId);
    return threadId;
  };
  const trace = await run({ saver, thread });
  const history = await Promise.all([...threads].map((threadId) => historyOf(saver, threadId)));
  return { trace, history };
}

/** Every checkpoint of a thread but for what differs from run to run: ids and times. */
async function historyOf(saver: CheckpointSaver, threadId: string) {
  const all = [];
  const seqs = new Map<string, number>();
  for await (const one of new Checkpointer({ saver }).history({ threadId })) all.unshift(one);
  for (const { checkpointId, seq } of all) seqs.set(checkpointId, seq);
  return all.map(({ seq, parentId, values, metadata }) => ({
    seq,
    parent: seqs.get(parentId ?? ''),
    values,
    metadata,
  }));
}

/** Opens a saver until it is closed, out of one that is open for the length of a call. */
async function opening({ name, withSaver }: OwnSaver) {
  const ended = Promise.withResolvers<void>();
  const began = Promise.withResolvers<CheckpointSaver>();
  const whole = withSaver((saver) => {
    began.resolve(saver);
    return ended.promise;
  });
  whole.catch(began.reject);
  const close = () => {
    ended.resolve();
    return whole;
  };
  return { name, saver: await began.promise, close };
}
