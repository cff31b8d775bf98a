/** Sub-graphs as nodes: state in and out, and interrupts, steps and failures inside them. */
import { defineState, END, list, Send, START, StateGraph, value } from '@cairn/graph-runtime';
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

describe.each(stores)('on $name, a sub-graph', ({ open }) => {
  it('runs in a stream of its own, with its state mapped in and out, and goes on exactly where it asked', async () => {
    effects.length = 0;
    const graph = outer().compile({ saver: open() });
    const asked = await graph.invoke({ topic: 'bees' }, { threadId });
    expect(asked.status).toBe('interrupted');
    expect(asked.interrupts).toMatchObject([{ name: 'interrupt', node: 'review', payload: 'good?' }]);
    expect(asked.interrupts[0]?.namespace?.[0]).toBe('research');
    expect((await graph.getState({ threadId })).interrupts).toEqual(asked.interrupts);
    expect(await all(graph.listThreads({ status: 'interrupted' }))).toHaveLength(1);
    const run = await graph.resume({ threadId, answer: 'fine' });
    expect(run).toMatchObject({ status: 'completed', interrupts: [] });
    expect(run.values.log).toEqual(['plan', 'draft of bees', 'fine', 'wrote 3']);
    expect(effects).toEqual(['draft bees']);
  });

  it('that is asked again by mistake is told so by typed errors', async () => {
    const graph = outer().compile({ saver: open() });
    const [{ id = '' } = {}] = (await graph.invoke({ topic: 'bees' }, { threadId })).interrupts;
    expect(await errorOf(graph.resume({ threadId, answers: { wrong: 1 } }))).toMatchObject({
      code: 'CAIRN_UNKNOWN_INTERRUPT',
    });
    await graph.resume({ threadId, answers: { [id]: 'fine' } });
    expect(await errorOf(graph.resume({ threadId, answers: { [id]: 'fine' } }))).toMatchObject({
      code: 'CAIRN_INTERRUPT_ANSWERED',
    });
    expect(await errorOf(graph.resume({ threadId, answer: 'fine' }))).toMatchObject({
      code: 'CAIRN_NO_OPEN_INTERRUPT',
    });
  });

  it.each(['sync', 'exit'] as const)(
    'that came to its end while others wait still knows what it was answered (%s)',
    async (durability) => {
      const called = new StateGraph(Outer)
        .addNode('call', async ({ q }: { q: string }, ctx) => ({ log: (await ctx.call(research, { q })).notes }))
        .addNode('after', async ({ log }, ctx) => ({ log: [String(await ctx.interrupt(log.length))] }))
        .addNode('next', () => {})
        .addConditionalEdges(START, () => ['bees', 'wasps'].map((q) => new Send('call', { q })), ['call'])
        .addEdge('call', 'next')
        .addEdge('next', 'after')
        .addEdge('after', END)
        .compile();
      const graph = new StateGraph(Outer)
        .addNode('outer', called)
        .addEdge(START, 'outer')
        .addEdge('outer', END)
        .compile({ saver: open() });
      const { interrupts } = await graph.invoke({}, { threadId, durability });
      const [first = '', second = ''] = interrupts.map(({ id }) => id);
      const again = () => errorOf(graph.resume({ threadId, durability, answers: { [first]: 'fine' } }));
      const answered = { code: 'CAIRN_INTERRUPT_ANSWERED', interruptId: first };
      const half = await graph.resume({ threadId, durability, answers: { [first]: 'fine' } });
      expect(half.status).toBe('interrupted');
      expect(await again()).toMatchObject(answered);
      const asked = await graph.resume({ threadId, durability, answers: { [second]: 'better' } });
      expect(asked.interrupts).toMatchObject([{ payload: 4 }]);
      // Now its caller, too.
      expect(await again()).toMatchObject(answered);
      const run = await graph.resume({ threadId, durability, answer: 'all' });
      expect(run.values.log).toEqual(['draft of bees', 'fine', 'draft of wasps', 'better', 'all']);
    },
  );

  it('that failed runs again from where it failed, and nothing before it', async () => {
    const ran: string[] = [];
    let broken = true;
    const inner = new StateGraph(Inner)
      .addNode('a', () => {
        ran.push('a');
        return { notes: ['a'] };
      })
      .addNode('b', () => {
        ran.push('b');
        if (broken) throw new Error('no luck');
        return { notes: ['b'] };
      })
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .addEdge('b', END)
      .compile();
    const graph = new StateGraph(Outer)
      .addNode('sub', inner, { input: () => ({}), output: ({ notes }) => ({ log: notes }) })
      .addEdge(START, 'sub')
      .addEdge('sub', END)
      .compile({ saver: open() });
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_NODE_FAILED', node: 'sub' });
    expect(error.cause).toMatchObject({ code: 'CAIRN_NODE_FAILED', node: 'b' });
    const state = await graph.getState({ threadId, subgraphs: true });
    expect(state.children).toMatchObject([
      { node: 'sub', open: true, state: { values: { notes: ['a'] }, next: ['b'] } },
    ]);
    broken = false;
    expect((await graph.resume({ threadId })).values.log).toEqual(['a', 'b']);
    expect(ran).toEqual(['a', 'b', 'b']);
  });

  it('is retried by its node from where it failed', async () => {
    const ran: string[] = [];
    const inner = new StateGraph(Inner)
      .addNode('a', () => {
        ran.push('a');
      })
      .addNode('b', () => {
        ran.push('b');
        if (ran.length < 4) throw new Error('no luck');
        return { notes: ['b'] };
      })
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .addEdge('b', END)
      .compile();
    const graph = (saver?: ReturnType<typeof open>) =>
      new StateGraph(Outer)
        .addNode('sub', inner, {
          input: () => ({}),
          output: ({ notes }) => ({ log: notes }),
          retry: { attempts: 3, backoffMs: 0 },
        })
        .addEdge(START, 'sub')
        .addEdge('sub', END)
        .compile(saver ? { saver } : {});
    expect((await graph(open()).invoke({}, { threadId })).values.log).toEqual(['b']);
    expect(ran).toEqual(['a', 'b', 'b', 'b']);
    ran.length = 0;
    expect((await graph().invoke({})).values.log).toEqual(['b']);
    expect(ran).toEqual(['a', 'b', 'b', 'b']);
  });

  it('begins anew each time when it forgets, and goes on with what it knows when it remembers', async () => {
    const count = new StateGraph(Inner)
      .addNode('count', ({ notes, q }) => ({ notes: [`${q}${notes.length}`] }))
      .addEdge(START, 'count')
      .addEdge('count', END)
      .compile();
    const loop = (remembers: boolean) =>
      new StateGraph(Outer)
        .addNode('sub', count, {
          input: () => ({ q: '#' }),
          output: ({ notes }) => ({ log: [notes.join(' ')] }),
          remembers,
        })
        .addEdge(START, 'sub')
        .addConditionalEdges('sub', ({ log }) => (log.length % 3 === 0 ? END : 'sub'), ['sub', END]);
    const forgetful = loop(false).compile({ saver: open() });
    expect((await forgetful.invoke({}, { threadId })).values.log).toEqual(['#0', '#0', '#0']);
    const graph = loop(true).compile({ saver: open() });
    expect((await graph.invoke({}, { threadId })).values.log).toEqual(['#0', '#0 #1', '#0 #1 #2']);
    // Also over inputs.
    expect((await graph.invoke({}, { threadId })).values.log.at(-1)).toBe('#0 #1 #2 #3 #4 #5');
    expect((await loop(true).compile().invoke({})).values.log).toEqual(['#0', '#0 #1', '#0 #1 #2']);
    for (const durability of ['async', 'exit', { every: 2 }] as const) {
      const paced = loop(true).compile({ saver: open() });
      await paced.invoke({}, { threadId, durability });
      const { values } = await paced.invoke({}, { threadId, durability });
      expect(values.log.at(-1)).toBe('#0 #1 #2 #3 #4 #5');
    }
  });

  it('may be sent to several times at once, each with an input, a stream and a question of its own', async () => {
    const graph = new StateGraph(Outer)
      .addNode('research', research, {
        input: ({ name }: { readonly name: string }) => ({ q: name }),
        output: ({ notes }) => ({ log: [notes.join(', ')] }),
      })
      .addConditionalEdges(START, () => ['a', 'b'].map((name) => new Send('research', { name })), ['research'])
      .addEdge('research', END)
      .compile({ saver: open() });
    const { interrupts } = await graph.invoke({}, { threadId });
    expect(interrupts).toHaveLength(2);
    expect(new Set(interrupts.map(({ id }) => id)).size).toBe(2);
    expect(await errorOf(graph.resume({ threadId, answer: 'yes' }))).toMatchObject({ code: 'CAIRN_AMBIGUOUS_ANSWER' });
    const [first, second] = interrupts;
    const half = await graph.resume({ threadId, answers: { [second?.id ?? '']: 'two' } });
    expect(half.status).toBe('interrupted');
    expect(half.interrupts.map(({ id }) => id)).toEqual([first?.id]);
    const run = await graph.resume({ threadId, answer: 'one' });
    expect(run.values.log).toEqual(['draft of a, one', 'draft of b, two']);
  });

  it('that remembers refuses two tasks of one superstep', async () => {
    const graph = new StateGraph(Outer)
      .addNode('research', research, {
        input: ({ name }: { readonly name: string }) => ({ q: name }),
        output: ({ notes }) => ({ log: notes }),
        remembers: true,
      })
      .addConditionalEdges(START, () => ['a', 'b'].map((name) => new Send('research', { name })), ['research'])
      .addEdge('research', END)
      .compile({ saver: open() });
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error.cause).toMatchObject({ code: 'CAIRN_CONFLICTING_CALL' });
    expect((await errorOf(graph.resume({ threadId }))).cause).toMatchObject({ code: 'CAIRN_CONFLICTING_CALL' });
  });

  it('at any depth asks, records and returns through all of them', async () => {
    effects.length = 0;
    const middle = new StateGraph(Inner)
      .addNode('deep', research, { input: ({ q }) => ({ q }), output: ({ notes }) => ({ notes }) })
      .addEdge(START, 'deep')
      .addEdge('deep', END)
      .compile();
    const graph = new StateGraph(Outer)
      .addNode('sub', middle, { input: ({ topic }) => ({ q: topic }), output: ({ notes }) => ({ log: notes }) })
      .addEdge(START, 'sub')
      .addEdge('sub', END)
      .compile({ saver: open() });
    const { interrupts } = await graph.invoke({ topic: 'x' }, { threadId });
    expect(interrupts[0]?.namespace).toHaveLength(6);
    const run = await graph.resume({ threadId, answer: 'ok' });
    expect(run.values.log).toEqual(['draft of x', 'ok']);
    expect(effects).toEqual(['draft x']);
    const { children } = await graph.getState({ threadId, subgraphs: true });
    expect(children).toMatchObject([
      {
        node: 'sub',
        open: false,
        state: { values: { notes: ['draft of x', 'ok'] }, status: 'completed', children: [{ node: 'deep' }] },
      },
    ]);
  });

  it('that shares its channels takes their values and gives back what it changed', async () => {
    const Shared = defineState({ name: 'shared', version: 1, channels: { log: list<string>(), topic: value('') } });
    const inner = new StateGraph(Shared)
      .addNode('ask', async ({ log, topic }, ctx) => ({
        log: [`saw ${log} of ${topic}`, String(await ctx.interrupt('?'))],
      }))
      .addEdge(START, 'ask')
      .addEdge('ask', END)
      .compile();
    const saver = open();
    const build = () =>
      new StateGraph(Outer)
        .addNode('sub', inner)
        .addNode('beside', () => ({ topic: 'new', log: ['beside'] }))
        .addEdge(START, 'sub')
        .addEdge(START, 'beside')
        .addEdge(['sub', 'beside'], END)
        .compile({ saver });
    await build().invoke({ log: ['a'], topic: 'old' }, { threadId });
    await build().updateState({ threadId }, { log: ['from outside'] });
    const run = await build().resume({ threadId, answer: 'b' });
    expect(run.values).toEqual({ log: ['a', 'from outside', 'saw a of old', 'b', 'beside'], topic: 'new' });
  });
});
