/** Whatever a caller, a node or a reader changes in place: it is refused or has no effect, and nobody's own objects are frozen. */
import { defineState, END, list, record, Send, START, StateGraph, value } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { stores } from './fixtures/stores.js';

/** Something to change at every depth; a Set can't be frozen. */
interface Note {
  readonly name: string;
  readonly tags: readonly string[];
  readonly marks: ReadonlySet<string>;
}
const note = (name: string): Note => ({ name, tags: ['as it was'], marks: new Set(['as it was']) });

/** Changes all that lies in a value, as far as it can be changed. */
function tamper(found: unknown): void {
  if (typeof found !== 'object' || found === null) return;
  for (const inner of found instanceof Set ? [] : Object.values(found)) tamper(inner);
  if (found instanceof Set) found.add('changed in place');
  else if (Array.isArray(found)) Reflect.set(found, found.length, 'changed in place');
  else Reflect.set(found, 'changed', 'in place');
}

/** Objects that are the test's own: they stay open, whatever they were given to. */
function ownObjects(): { own: <T>(object: T) => T; checkOpen: () => void } {
  const objects: unknown[] = [];
  const isOpen = (object: unknown): boolean =>
    typeof object !== 'object' || object === null || (!Object.isFrozen(object) && Object.values(object).every(isOpen));
  return {
    own: (object) => {
      objects.push(object);
      return object;
    },
    checkOpen: () => expect(objects.filter((object) => !isOpen(object))).toEqual([]),
  };
}

const State = defineState({
  name: 'in-place',
  version: 1,
  channels: { notes: list<Note>(), byName: record<Note>(), last: value<Note | null>(null) },
});
const builder = () => new StateGraph(State);
const threadId = 't';
const names = (values: { readonly notes: readonly Pick<Note, 'name'>[] }) => values.notes.map(({ name }) => name);
/** True for values in which nothing but what was meant ever stood. */
const isAsItWas = (found: unknown): boolean => !JSON.stringify(found, setsToo).includes('in place');
const setsToo = (_key: string, inner: unknown): unknown => (inner instanceof Set ? [...inner] : inner);

describe.each(stores)('on $name, changing in place', ({ open }) => {
  it('an input, an update, a state, a run’s values, a state read or a past one does nothing to what is stored', async () => {
    const { own, checkOpen } = ownObjects();
    const update = own({ notes: [note('update')], byName: { update: note('update') } });
    const graph = builder()
      .addNode('write', (state) => {
        expect(isAsItWas(state)).toBe(true);
        tamper(state);
        return update;
      })
      .addNode('look', (state) => {
        tamper(update);
        expect(isAsItWas(state)).toBe(true);
        tamper(state);
      })
      .addEdge(START, 'write')
      .addEdge('write', 'look')
      .addEdge('look', END)
      .compile({ saver: open() });
    const input = own({ notes: [note('input')], last: note('input') });
    const running = graph.invoke(input, { threadId });
    tamper((await running).values);
    tamper(input);
    tamper(await graph.getState({ threadId }));
    for (const past of await all(graph.getStateHistory({ threadId }))) tamper(past);

    const state = await graph.getState({ threadId });
    expect(names(state.values)).toEqual(['input', 'update']);
    expect([state, ...(await all(graph.getStateHistory({ threadId })))].every(isAsItWas)).toBe(true);
    checkOpen();
  });

  it('what a stream tells, in any mode, does nothing to the run and to what is told later', async () => {
    const { own, checkOpen } = ownObjects();
    const said = own({ note: note('custom') });
    const graph = builder()
      .addNode('one', async (_state, ctx) => {
        await ctx.emit(said);
        return { notes: [note('one')], last: note('one') };
      })
      .addNode('two', (state) => {
        expect(isAsItWas(state)).toBe(true);
        return { notes: [note('two')] };
      })
      .addEdge(START, 'one')
      .addEdge('one', 'two')
      .addEdge('two', END)
      .compile({ saver: open() });
    const modes = ['values', 'updates', 'checkpoints', 'tasks', 'custom'] as const;
    const stream = graph.stream({ notes: [note('input')] }, { threadId, mode: [...modes] });
    const told = new Set<string>();
    for await (const event of stream) {
      told.add(event.mode);
      expect(isAsItWas(event.data)).toBe(true);
      if (event.mode !== 'custom') tamper(event.data);
    }
    expect([...told].sort()).toEqual([...modes].sort());
    expect(names((await stream.result).values)).toEqual(['input', 'one', 'two']);
    expect(isAsItWas([(await stream.result).values, await graph.getState({ threadId })])).toBe(true);
    checkOpen();
  });

  it('a question’s payload, or its answer, does nothing to what was asked and answered', async () => {
    const { own, checkOpen } = ownObjects();
    const [payload, answer] = [own(note('payload')), own(note('answer'))];
    const answers: Note[] = [];
    const graph = builder()
      .addNode('ask', async (_state, ctx) => {
        const first = (await ctx.interrupt(payload)) as Note;
        answers.push(structuredClone(first));
        tamper(first);
        await ctx.interrupt('and now?');
        return { last: note('done') };
      })
      .addEdge(START, 'ask')
      .addEdge('ask', END)
      .compile({ saver: open() });
    const asked = await graph.invoke({}, { threadId });
    tamper(payload);
    tamper(asked.interrupts);
    tamper((await graph.getState({ threadId })).interrupts);
    expect((await graph.getState({ threadId })).interrupts).toMatchObject([{ payload: note('payload') }]);

    await graph.resume({ threadId, answer });
    tamper(answer);
    const done = await graph.resume({ threadId, answer: 'go on' });
    expect(done.status).toBe('completed');
    expect(answers).toEqual([note('answer'), note('answer')]);
    tamper((await graph.getState({ threadId })).trail);
    const { trail } = await graph.getState({ threadId });
    expect(trail[0]?.interrupts[0]).toMatchObject({ payload: note('payload'), answer: note('answer') });
    checkOpen();
  });

  it('a step’s result does nothing to what is recorded of it', async () => {
    const { own, checkOpen } = ownObjects();
    const results: Note[] = [];
    let effects = 0;
    const graph = builder()
      .addNode(
        'work',
        async (_state, ctx) => {
          const result = await ctx.step('look up', () => {
            effects += 1;
            return own(note('result'));
          });
          results.push(structuredClone(result));
          tamper(result);
          if (ctx.attempt < 3) throw new Error('Try again.');
          await ctx.interrupt('go on?');
          return { last: result };
        },
        { retry: { attempts: 3, backoffMs: 1 } },
      )
      .addEdge(START, 'work')
      .addEdge('work', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.resume({ threadId, answer: true });
    expect(effects).toBe(1);
    expect(results.length).toBeGreaterThan(3);
    expect(results.every(isAsItWas)).toBe(true);
    checkOpen();
  });

  it('a send’s input does nothing to the other tasks, nor to the task after a crash or a question', async () => {
    const { own, checkOpen } = ownObjects();
    const shared = own({ item: note('sent') });
    const seen: unknown[] = [];
    const graph = builder()
      .addNode('split', () => {})
      .addNode('work', async (input: { item: Note }, ctx) => {
        seen.push(structuredClone(input));
        tamper(input);
        tamper(shared);
        await ctx.interrupt('go on?');
      })
      .addEdge(START, 'split')
      .addConditionalEdges('split', () => [new Send('work', shared), new Send('work', shared)], ['work'])
      .addEdge('work', END)
      .compile({ saver: open() });
    const asked = await graph.invoke({}, { threadId });
    const answers = Object.fromEntries(asked.interrupts.map(({ id }) => [id, true]));
    expect((await graph.resume({ threadId, answers })).status).toBe('completed');
    expect(seen).toEqual(Array.from({ length: 4 }, () => ({ item: note('sent') })));
    checkOpen();
  });

  it('a sub-graph’s input or output does nothing to the outer state, nor to the inner one', async () => {
    const { own, checkOpen } = ownObjects();
    const input = own({ notes: [note('outer')] });
    const inner = builder()
      .addNode('inner', (state) => {
        expect(isAsItWas(state)).toBe(true);
        tamper(state);
        return { notes: [note('inner')] };
      })
      .addEdge(START, 'inner')
      .addEdge('inner', END)
      .compile();
    const graph = builder()
      .addNode('call', async (state, ctx) => {
        const result = await ctx.call(inner, input, { key: 'one' });
        tamper(input);
        const notes = own(structuredClone([...result.notes]));
        tamper(result);
        expect(isAsItWas(state)).toBe(true);
        return { notes };
      })
      .addNode('mapped', inner, {
        input: ({ notes }) => ({ notes: [...notes] }),
        output: (result) => {
          const notes = structuredClone([...result.notes]);
          tamper(result);
          return { notes };
        },
      })
      .addEdge(START, 'call')
      .addEdge('call', 'mapped')
      .addEdge('mapped', END)
      .compile({ saver: open() });
    const run = await graph.invoke({}, { threadId });
    expect(names(run.values)).toEqual(['outer', 'inner', 'outer', 'inner', 'inner']);
    const states = await all(graph.getStateHistory({ threadId }));
    const { children } = await graph.getState({ threadId, subgraphs: true });
    expect(children?.length).toBeGreaterThan(0);
    expect([run.values, states, children].every(isAsItWas)).toBe(true);
    checkOpen();
  });
});
