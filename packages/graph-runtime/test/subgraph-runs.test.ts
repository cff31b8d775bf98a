/** Runs with sub-graphs, streamed, drained and cancelled. */
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const Outer = defineState({ name: 'outer', version: 1, channels: { log: list<string>(), topic: value('') } });
const Inner = defineState({ name: 'inner', version: 1, channels: { q: value(''), notes: list<string>() } });
const threadId = 't';

const effects: string[] = [];

/** Drafts by a step, asks, and notes the answer. */
const research = new StateGraph(Inner)
  .addNode('draft', async ({ q }, ctx) => {
    const draft = await ctx.step('draft', () => {
      effects.push(`draft ${q}`);
      return `draft of ${q}`;
    });
    return { notes: [draft] };
  })
  .addNode('review', async (_state, ctx) => ({ notes: [String(await ctx.interrupt('good?'))] }))
  .addEdge(START, 'draft')
  .addEdge('draft', 'review')
  .addEdge('review', END)
  .compile();

function outer(remembers = false) {
  return new StateGraph(Outer)
    .addNode('plan', () => ({ log: ['plan'] }))
    .addNode('research', research, {
      input: ({ topic }) => ({ q: topic }),
      output: ({ notes }) => ({ log: notes }),
      remembers,
    })
    .addNode('write', ({ log }) => ({ log: [`wrote ${log.length}`] }))
    .addEdge(START, 'plan')
    .addEdge('plan', 'research')
    .addEdge('research', 'write')
    .addEdge('write', END);
}

describe.each(stores)('on $name, a run with a sub-graph', ({ open }) => {
  it('streams the events of both, told apart by their namespace, and "interrupted" once it is on disk', async () => {
    const saver = open();
    const graph = outer().compile({ saver });
    const stream = graph.stream({ topic: 'bees' }, { threadId, mode: ['updates', 'checkpoints'], subgraphs: true });
    const seen: string[] = [];
    for await (const { mode, namespace, data } of stream) {
      if (mode === 'checkpoints') continue;
      seen.push(`${namespace[0] ?? 'root'} ${data.node}`);
      if (data.node === 'research') expect((await graph.getState({ threadId })).status).toBe('interrupted');
    }
    expect(seen).toEqual(['root plan', 'research draft', 'research review', 'root research']);
    expect((await stream.result).interrupts).toHaveLength(1);
    const events = await all(graph.stream(null, { threadId, answer: 'ok', mode: 'updates' }));
    expect(events.map(({ data }) => data.node)).toEqual(['research', 'write']);
  });

  it('drains after a superstep of the sub-graph, and goes on there', async () => {
    const ran: string[] = [];
    const saver = open();
    const note = (name: string) => () => {
      ran.push(name);
      return { notes: [name] };
    };
    const build = (onFirst: () => void) => {
      const inner = new StateGraph(Inner)
        .addNode('first', () => {
          onFirst();
          return note('first')();
        })
        .addNode('second', note('second'))
        .addEdge(START, 'first')
        .addEdge('first', 'second')
        .addEdge('second', END)
        .compile();
      return new StateGraph(Outer)
        .addNode('sub', inner, { input: () => ({}), output: ({ notes }) => ({ log: notes }) })
        .addEdge(START, 'sub')
        .addEdge('sub', END)
        .compile({ saver });
    };
    let drained: Promise<unknown> | undefined;
    const graph = build(() => {
      drained = graph.drain();
    });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_RUN_DRAINED' });
    await drained;
    expect(ran).toEqual(['first']);
    const other = build(() => {});
    expect(await other.recover()).toMatchObject([{ threadId, outcome: 'completed' }]);
    expect(ran).toEqual(['first', 'second']);
    expect((await other.getState({ threadId })).values.log).toEqual(['first', 'second']);
  });

  it('that is cancelled inside goes on there', async () => {
    const ran: string[] = [];
    const cancel = new AbortController();
    const inner = new StateGraph(Inner)
      .addNode('first', () => {
        ran.push('first');
        return { notes: ['first'] };
      })
      .addNode('second', async (_state, ctx) => {
        ran.push('second');
        if (!cancel.signal.aborted) {
          cancel.abort(new Error('enough'));
          await new Promise((_, reject) => {
            if (ctx.signal.aborted) reject(ctx.signal.reason);
          });
        }
        return { notes: ['second'] };
      })
      .addEdge(START, 'first')
      .addEdge('first', 'second')
      .addEdge('second', END)
      .compile();
    const graph = new StateGraph(Outer)
      .addNode('sub', inner, { input: () => ({}), output: ({ notes }) => ({ log: notes }) })
      .addEdge(START, 'sub')
      .addEdge('sub', END)
      .compile({ saver: open() });
    const error = await errorOf(graph.invoke({}, { threadId, signal: cancel.signal }));
    expect(error).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
    expect((await graph.resume({ threadId })).values.log).toEqual(['first', 'second']);
    expect(ran).toEqual(['first', 'second', 'second']);
  });
});
