/** What is found of a run after a power cut, held to what was promised, and brought to its end. */
import assert from 'node:assert/strict';
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { answer, input, type PowerGraph, powerGraph, states, threadId } from './graph.js';
import type { Promised } from './record-run.js';

/**
 * @param key - of the effect in the run that was cut; a repetition must have it, too.
 * @returns how many supersteps were found stored; -1 for no thread.
 */
export async function goOn(saver: CheckpointSaver, promised: Promised, key: string): Promise<number> {
  const began: string[] = [];
  const paid: string[] = [];
  const graph = powerGraph(saver, {
    began: (node) => began.push(node),
    paid: (own) => paid.push(own),
    recorded: () => undefined,
    besideLeft: () => undefined,
    answered: () => undefined,
  });
  const found = await storedSupersteps(graph, saver);
  assert.ok(found >= promised.supersteps, `${promised.supersteps} supersteps were promised, and ${found} are there`);
  await toTheEnd(graph, found < 0, promised);
  assert.deepEqual((await graph.getState({ threadId })).values, states.at(-1), 'the end is another');
  assert.ok(!(promised.paid && paid.length > 0), 'an effect happened again whose record was promised');
  assert.ok(paid.length <= 1, 'an effect happened twice');
  // The key derives from the stored input: where that was lost, nothing had been paid.
  assert.ok(found < 0 || paid.every((own) => own === key), 'an effect has another key');
  assert.ok(!(promised.left && began.includes('left')), 'a task ran again whose update was promised');
  return found;
}

/** Every checkpoint is one of the run's states, in their order, and every row is sound. */
async function storedSupersteps(graph: PowerGraph, saver: CheckpointSaver): Promise<number> {
  const stored: number[] = [];
  for await (const { values } of graph.getStateHistory({ threadId }))
    stored.push(states.findIndex((state) => JSON.stringify(state) === JSON.stringify(values)));
  for (const [place, index] of stored.entries())
    assert.ok(index >= 0 && index < (stored[place - 1] ?? states.length), `no states of the run: ${stored.join()}`);
  for await (const fault of new Checkpointer({ saver }).verify()) assert.fail(JSON.stringify(fault));
  return stored[0] ?? -1;
}

async function toTheEnd(graph: PowerGraph, fromNothing: boolean, promised: Promised): Promise<void> {
  // The lease of the run that the power was cut in is live still.
  const options = { threadId, onBusy: 'replace' } as const;
  const open = fromNothing ? [] : (await graph.getState({ threadId })).interrupts;
  const first = fromNothing ? await graph.invoke(input, options) : await graph.resume(options);
  const asksAgain = open.length === 0 && first.status === 'interrupted';
  assert.ok(!(promised.asked && asksAgain), 'a question is lost');
  assert.ok(!promised.answered || first.status === 'completed', 'an answer is lost');
  if (first.status === 'interrupted') await graph.resume({ ...options, answer });
}
