/** ctx.call takes no graph that keeps threads elsewhere than the run that calls it: it would be looked for where it is not. */
import { Checkpointer } from '@cairn/checkpoint-core';
import {
  defineState,
  END,
  list,
  type NodeContext,
  type CompileOptions as OptionsOf,
  START,
  StateGraph,
} from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { errorOf } from './fixtures/errors.js';

const State = defineState({ name: 'calling', version: 1, channels: { log: list<string>() } });
type CompileOptions = OptionsOf<'work'>;
const threadId = 't';

const graphOf = (work: (ctx: NodeContext) => unknown, retry?: { attempts: number }) =>
  new StateGraph(State)
    .addNode('work', async (_state, ctx) => ({ log: [String(await work(ctx))] }), { ...(retry && { retry }) })
    .addEdge(START, 'work')
    .addEdge('work', END);

/** A graph that is called, compiled so, and how often it ran. */
function callee(options: CompileOptions = {}) {
  const ran: string[] = [];
  const graph = graphOf(() => ran.push('callee')).compile(options);
  return { graph, ran };
}

const words = 'is a graph with a saver of its own; it runs in the outer thread: compile it without one';

describe('ctx.call', () => {
  it.each<[string, () => CompileOptions, () => CompileOptions]>([
    ['another saver', () => ({ saver: new MemorySaver() }), () => ({ saver: new MemorySaver() })],
    ['a saver, where the run has none', () => ({ saver: new MemorySaver() }), () => ({})],
  ])('refuses a graph that has %s, before anything of it runs', async (_name, own, outer) => {
    const { graph, ran } = callee(own());
    let attempts = 0;
    const call = async (ctx: NodeContext) => {
      attempts += 1;
      await ctx.call(graph, {});
    };
    const error = await errorOf(graphOf(call, { attempts: 3 }).compile(outer()).invoke({}, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT', retryable: false, threadId });
    expect(error.message).toBe(`In node "work" of thread "t", what ctx.call got ${words}. No effect ran.`);
    expect({ attempts, ran }).toEqual({ attempts: 1, ran: [] });
    expect(await all(graph.listThreads())).toEqual([]);
  });

  it('refuses one inside a sub-graph that it calls, too', async () => {
    const { graph, ran } = callee({ saver: new MemorySaver() });
    const middle = graphOf((ctx) => ctx.call(graph, {})).compile();
    const outer = graphOf((ctx) => ctx.call(middle, {})).compile({ saver: new MemorySaver() });
    const error = await errorOf(outer.invoke({}, { threadId }));
    expect(error.message).toContain(words);
    expect(ran).toEqual([]);
  });

  it('takes one that has the Checkpointer of the run, at any depth', async () => {
    const checkpointer = new Checkpointer({ saver: new MemorySaver() });
    const { graph, ran } = callee({ checkpointer });
    const middle = graphOf((ctx) => ctx.call(graph, {})).compile();
    const outer = graphOf((ctx) => ctx.call(middle, {})).compile({ checkpointer });
    await outer.invoke({}, { threadId });
    expect(ran).toEqual(['callee']);
  });
});
