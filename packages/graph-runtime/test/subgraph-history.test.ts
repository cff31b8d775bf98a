/** Sub-graphs in time: forks, updates and old checkpoints see them as they were then. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, list, START, type StateAddress, StateGraph, value } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { stores } from './fixtures/stores.js';

const Outer = defineState({ name: 'timed', version: 1, channels: { log: list<string>() } });
const Inner = defineState({ name: 'memory', version: 1, channels: { q: value(''), notes: list<string>() } });
const threadId = 't';

/** Takes a note of each input it is given; `ask` asks first. */
const notebook = (ask: boolean) =>
  new StateGraph(Inner)
    .addNode('note', async ({ q }, ctx) => ({ notes: [ask ? `${q}:${await ctx.interrupt(q)}` : q] }))
    .addEdge(START, 'note')
    .addEdge('note', END)
    .compile();

function looping(ask: boolean, rounds = 3) {
  return new StateGraph(Outer)
    .addNode('sub', notebook(ask), {
      input: ({ log }) => ({ q: `q${log.length}` }),
      output: ({ notes }) => ({ log: [notes.join(' ')] }),
      remembers: true,
    })
    .addEdge(START, 'sub')
    .addConditionalEdges('sub', ({ log }) => (log.length < rounds ? 'sub' : END), ['sub', END]);
}

describe.each(stores)('on $name, a sub-graph that remembers', ({ open }) => {
  it('is, in each old checkpoint and in a fork of it, what it was then', async () => {
    const graph = looping(false).compile({ saver: open() });
    const done = await graph.invoke({}, { threadId });
    expect(done.values.log).toEqual(['q0', 'q0 q1', 'q0 q1 q2']);
    const past = await all(graph.getStateHistory({ threadId }));
    const notesThen = await Promise.all(
      past.map(async ({ checkpointId }) => {
        const { children } = await graph.getState({ threadId, checkpointId, subgraphs: true });
        return children?.map(({ state }) => state.values['notes']);
      }),
    );
    expect(notesThen).toEqual([[['q0', 'q1', 'q2']], [['q0', 'q1']], [['q0']], []]);
    const afterOne = past.at(-2)?.checkpointId ?? '';
    const replayed = await graph.resume({ threadId, checkpointId: afterOne });
    expect(replayed.values.log).toEqual(['q0', 'q0 q1', 'q0 q1 q2']);
    const beginning = past.at(-1)?.checkpointId ?? '';
    expect((await graph.resume({ threadId, checkpointId: beginning })).values.log).toEqual(done.values.log);
    const old = await graph.getState({ threadId, checkpointId: done.checkpointId, subgraphs: true });
    expect(old.children).toMatchObject([
      { remembers: true, open: false, state: { values: { notes: ['q0', 'q1', 'q2'] } } },
    ]);
  });

  it('is shown by its namespace alone, as it stands and as it stood', async () => {
    const graph = looping(true, 2).compile({ saver: open() });
    const run = await graph.invoke({}, { threadId });
    const namespace = run.interrupts[0]?.namespace ?? [];
    const asking = await graph.getState({ threadId, namespace });
    expect(asking).toMatchObject({ values: { q: 'q0', notes: [] }, next: ['note'], interrupts: [{ payload: 'q0' }] });
    await graph.resume({ threadId, answer: 'A' });
    await graph.resume({ threadId, answer: 'B' });
    expect(await graph.getState({ threadId, namespace })).toMatchObject({
      values: { notes: ['q0:A', 'q1:B'] },
      next: [],
    });
    for await (const past of graph.getStateHistory({ threadId, namespace })) {
      expect(await graph.getState({ threadId, namespace, checkpointId: past.checkpointId })).toEqual(past);
    }
    const { checkpointId } = asking;
    const error = (of: StateAddress) => graph.getState(of).catch((thrown: unknown) => thrown);
    expect(await error({ threadId, checkpointId })).toMatchObject({ code: 'CAIRN_CHECKPOINT_NOT_FOUND' });
    expect(await error({ threadId, namespace, checkpointId: 'none' })).toMatchObject({
      code: 'CAIRN_CHECKPOINT_NOT_FOUND',
      namespace,
    });
    const nowhere = await error({ threadId, namespace: ['nowhere'] });
    expect(nowhere).toMatchObject({
      code: 'CAIRN_THREAD_NOT_FOUND',
      message: expect.stringContaining('in the namespace ["nowhere"]'),
    });
  });

  it('asks anew in a fork, by another id, and each branch has its own answers', async () => {
    const graph = looping(true, 2).compile({ saver: open() });
    const first = await graph.invoke({}, { threadId });
    const second = await graph.resume({ threadId, answer: 'A' });
    const end = await graph.resume({ threadId, answer: 'B' });
    expect(end.values.log).toEqual(['q0:A', 'q0:A q1:B']);
    const again = await graph.resume({ threadId, checkpointId: second.checkpointId });
    expect(again.interrupts).toMatchObject([{ payload: 'q1' }]);
    expect(again.interrupts[0]?.id).not.toBe(second.interrupts[0]?.id);
    expect((await graph.resume({ threadId, answer: 'C' })).values.log).toEqual(['q0:A', 'q0:A q1:C']);
    const fresh = await graph.resume({ threadId, checkpointId: first.checkpointId });
    expect(fresh.interrupts).toMatchObject([{ payload: 'q0' }]);
    await graph.resume({ threadId, answer: 'D' });
    expect((await graph.resume({ threadId, answer: 'E' })).values.log).toEqual(['q0:D', 'q0:D q1:E']);
    const kept = await graph.getState({ threadId, checkpointId: end.checkpointId, subgraphs: true });
    expect(kept.children).toMatchObject([{ state: { values: { notes: ['q0:A', 'q1:B'] } } }]);
  });

  it('goes on where it asked after an update from outside, in the same task', async () => {
    const graph = looping(true, 1).compile({ saver: open() });
    const asked = await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['outside'] });
    await graph.updateState({ threadId }, { log: ['again'] });
    const state = await graph.getState({ threadId, subgraphs: true });
    expect(state.interrupts).toEqual(asked.interrupts);
    expect(state.children).toMatchObject([{ open: true, state: { next: ['note'] } }]);
    expect((await graph.resume({ threadId, answer: 'A' })).values.log).toEqual(['outside', 'again', 'q0:A']);
  });

  it('goes on in a later call, too, after updates that came while it went on', async () => {
    const ran: string[] = [];
    const twice = new StateGraph(Inner)
      .addNode('first', async ({ q }, ctx) => {
        const a = await ctx.interrupt(q);
        ran.push(q);
        return { notes: [`${q}:${a}`] };
      })
      .addNode('second', async ({ notes }, ctx) => ({ notes: [`${notes.length}:${await ctx.interrupt('second')}`] }))
      .addEdge(START, 'first')
      .addEdge('first', 'second')
      .addEdge('second', END)
      .compile();
    const graph = new StateGraph(Outer)
      .addNode('sub', twice, {
        input: ({ log }) => ({ q: `q${log.length}` }),
        output: ({ notes }) => ({ log: [notes.join(' ')] }),
        remembers: true,
      })
      .addEdge(START, 'sub')
      .addConditionalEdges('sub', ({ log }) => (log.length < 4 ? 'sub' : END), ['sub', END])
      .compile({ saver: open() });
    const answer = (text: string) => graph.resume({ threadId, answer: text });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['u'] });
    await answer('A');
    await graph.updateState({ threadId }, { log: ['v'] });
    expect((await answer('B')).values.log).toEqual(['u', 'v', 'q0:A 1:B']);
    await graph.updateState({ threadId }, { log: ['w'] });
    const { checkpointId } = await answer('C');
    await graph.updateState({ threadId }, { log: [] });
    const { children } = await graph.getState({ threadId, subgraphs: true });
    expect(children).toMatchObject([{ open: true, state: { next: ['second'] } }]);
    expect((await answer('D')).values.log).toEqual(['u', 'v', 'q0:A 1:B', 'w', 'q0:A 1:B q3:C 3:D']);
    expect(ran).toEqual(['q0', 'q3']);
    // A branch from where the call was under way begins it anew, on what the last one had left.
    const past = await graph.getState({ threadId, checkpointId, subgraphs: true });
    expect(past.children).toHaveLength(1);
    await graph.resume({ threadId, checkpointId });
    await answer('E');
    expect((await answer('F')).values.log.at(-1)).toBe('q0:A 1:B q4:E 3:F');
    // As does the next call, where an update took the place of the one under way.
    await graph.resume({ threadId, checkpointId });
    await answer('G');
    await graph.updateState({ threadId }, {});
    await graph.updateState({ threadId }, { log: [] }, { asNode: 'sub' });
    await graph.resume({ threadId });
    await graph.invoke({}, { threadId, abandon: true });
    await answer('H');
    expect((await answer('I')).values.log.at(-1)).toBe('q0:A 1:B q4:H 3:I');
  });

  it('that forgets goes on after updates that came while it went on', async () => {
    const ran: string[] = [];
    const steps = new StateGraph(Inner)
      .addNode('first', async (_state, ctx) => {
        ran.push('first');
        return { notes: [String(await ctx.interrupt('first'))] };
      })
      .addNode('second', async (_state, ctx) => ({ notes: [String(await ctx.interrupt('second'))] }))
      .addEdge(START, 'first')
      .addEdge('first', 'second')
      .addEdge('second', END)
      .compile();
    const graph = new StateGraph(Outer)
      .addNode('sub', steps, { input: () => ({}), output: ({ notes }) => ({ log: notes }) })
      .addEdge(START, 'sub')
      .addEdge('sub', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['u'] });
    await graph.resume({ threadId, answer: 'A' });
    await graph.updateState({ threadId }, { log: ['v'] });
    const run = await graph.resume({ threadId, answer: 'B' });
    expect(run).toMatchObject({ status: 'completed', values: { log: ['u', 'v', 'A', 'B'] } });
    expect(ran).toEqual(['first', 'first']);
  });

  it('is left as its last completed call left it when new input abandons the call under way', async () => {
    const graph = looping(true, 1).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.resume({ threadId, answer: 'A' });
    await graph.invoke({}, { threadId });
    const anew = await graph.invoke({}, { threadId, abandon: true });
    expect(anew.interrupts).toMatchObject([{ payload: 'q1' }]);
    expect((await graph.resume({ threadId, answer: 'B' })).values.log).toEqual(['q0:A', 'q0:A q1:B']);
  });

  it('goes on in a copy of its thread, too', async () => {
    const saver = open();
    const graph = looping(true, 1).compile({ saver });
    await graph.invoke({}, { threadId });
    await graph.resume({ threadId, answer: 'A' });
    await new Checkpointer({ saver }).copyThread(threadId, 'copy');
    const asked = await graph.invoke({}, { threadId: 'copy' });
    expect(asked.status).toBe('interrupted');
    expect((await graph.resume({ threadId: 'copy', answer: 'B' })).values.log).toEqual(['q0:A', 'q0:A q1:B']);
    expect((await graph.getState({ threadId })).values.log).toEqual(['q0:A']);
  });
});

describe.each(stores)('on $name, every checkpoint of a sub-graph', ({ open }) => {
  it('names the call it belongs to, and is stored before the checkpoint that pins it', async () => {
    const saver = open();
    const graph = looping(false, 2).compile({ saver });
    await graph.invoke({}, { threadId });
    const checkpointer = new Checkpointer({ saver });
    const roots = await all(checkpointer.infos({ threadId, order: 'asc' }));
    const children = await all(checkpointer.infos({ threadId, namespace: ['sub'], order: 'asc' }));
    const callers = roots.filter(({ body }) => body.tasks.length > 0);
    expect(children.map(({ body }) => body.owner)).toEqual(
      callers.flatMap(({ checkpointId, body }) =>
        // Its input, and its superstep.
        Array.from({ length: 2 }, () => ({ checkpointId, taskId: body.tasks[0]?.id, key: 'call' })),
      ),
    );
    expect(roots.map(({ body }) => body.pins.map(({ checkpointId }) => checkpointId))).toEqual([
      [],
      [children[1]?.checkpointId],
      [children[3]?.checkpointId],
    ]);
  });
});

describe.each(stores)('on $name, a history by namespace', ({ open }) => {
  it('walks the checkpoints of a sub-graph that remembers, over all its calls', async () => {
    const graph = looping(false).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const notes = await all(graph.getStateHistory({ threadId, namespace: ['sub'] }));
    expect(notes.map(({ source, values }) => [source, values['notes']])).toEqual([
      ['superstep', ['q0', 'q1', 'q2']],
      ['input', ['q0', 'q1']],
      ['superstep', ['q0', 'q1']],
      ['input', ['q0']],
      ['superstep', ['q0']],
      ['input', []],
    ]);
    const [newest, older] = notes;
    const before = newest?.checkpointId ?? '';
    const rest = await all(graph.getStateHistory({ threadId, namespace: ['sub'], before, limit: 1, values: false }));
    expect(rest.map(({ checkpointId, next }) => [checkpointId, next])).toEqual([[older?.checkpointId, ['note']]]);
    expect(await all(graph.getStateHistory({ threadId, namespace: ['nowhere'] }))).toEqual([]);
  });

  it('walks those of one call of a sub-graph that forgets, and of one in it', async () => {
    const inner = notebook(true);
    const middle = new StateGraph(Inner)
      .addNode('deep', inner, { input: ({ q }) => ({ q }), output: ({ notes }) => ({ notes }) })
      .addEdge(START, 'deep')
      .addEdge('deep', END)
      .compile();
    const graph = new StateGraph(Outer)
      .addNode('sub', middle, { input: () => ({ q: 'q' }), output: ({ notes }) => ({ log: notes }) })
      .addEdge(START, 'sub')
      .addEdge('sub', END)
      .compile({ saver: open() });
    const asked = await graph.invoke({}, { threadId });
    const namespace = asked.interrupts[0]?.namespace ?? [];
    expect(namespace).toHaveLength(6);
    const [open_] = await all(graph.getStateHistory({ threadId, namespace }));
    expect(open_).toMatchObject({
      values: { q: 'q', notes: [] },
      status: 'interrupted',
      interrupts: [{ payload: 'q' }],
    });
    await graph.resume({ threadId, answer: 'A' });
    const values = async (of: readonly string[]) =>
      (await all(graph.getStateHistory({ threadId, namespace: of }))).map((state) => state.values['notes']);
    expect(await values(namespace)).toEqual([['q:A'], []]);
    expect(await values(namespace.slice(0, 3))).toEqual([['q:A'], []]);
  });

  it('walks those of a sub-graph that only a function knows', async () => {
    const graph = new StateGraph(Outer)
      .addNode('fn', async (_state, ctx) => ({
        log: (await ctx.call(notebook(false), { q: 'x' }, { key: 'k' })).notes,
      }))
      .addEdge(START, 'fn')
      .addEdge('fn', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const { children } = await graph.getState({ threadId, subgraphs: true });
    const namespace = children?.[0]?.namespace ?? [];
    const found = await all(graph.getStateHistory({ threadId, namespace }));
    expect(found.map(({ values }) => values['notes'])).toEqual([['x'], []]);
  });
});
