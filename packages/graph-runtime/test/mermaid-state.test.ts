/** A drawing of a graph shows where a thread stands. */
import { defineState, END, reduce, START, StateGraph } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';

const State = defineState({
  name: 'drawn',
  version: 1,
  channels: { total: reduce(0, (sum: number, more: number) => sum + more) },
});
const threadId = 't';
let broken = true;
const graph = new StateGraph(State)
  .addNode('ask', async (_state, ctx) => {
    await ctx.interrupt('?');
  })
  .addNode('work', () => {
    if (broken) throw new Error('no');
    return { total: 1 };
  })
  .addNode('last', () => ({ total: 1 }))
  .addEdge(START, 'ask')
  .addEdge(START, 'work')
  .addEdge('ask', 'last')
  .addEdge('work', 'last')
  .addEdge('last', END)
  .compile({ saver: new MemorySaver() });

/** The lines that the state adds, without their colours. */
async function marks(checkpointId?: string) {
  const state = await graph.getState(checkpointId === undefined ? { threadId } : { threadId, checkpointId });
  const plain = graph.toMermaid();
  const drawn = graph.toMermaid({ state });
  expect(drawn.startsWith(plain.trimEnd())).toBe(true);
  return drawn.slice(plain.length - 1).match(/class(Def)? \w+( \w+)?$|classDef \w+/gm);
}

it('toMermaid marks what is next, waits, failed, or is done', async () => {
  await errorOf(graph.invoke({}, { threadId }));
  expect(await marks()).toEqual(['classDef waiting', 'classDef failed', 'class n1 waiting', 'class n2 failed']);
  const { parentId, checkpointId } = await graph.getState({ threadId });
  expect(parentId).toBeUndefined();
  broken = false;
  await graph.resume({ threadId });
  expect(await marks()).toEqual(['classDef waiting', 'class n1 waiting']);
  await graph.updateState({ threadId }, {}, { asNode: 'ask' });
  expect(await marks()).toEqual(['classDef next', 'class n3 next']);
  await graph.resume({ threadId });
  expect(await marks()).toEqual(['classDef done', 'class n4 done']);
  expect(await marks(checkpointId)).not.toContain('class n4 done');
});
