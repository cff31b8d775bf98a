/** The type promises of the runtime. Each `@ts-expect-error` fails this file when the line under it compiles. */
import {
  Command,
  type DeepReadonly,
  defineInterrupt,
  defineState,
  END,
  list,
  type NodeOf,
  record,
  reduce,
  START,
  StateGraph,
  type StateOf,
  type UpdateOf,
  value,
} from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

interface Message {
  readonly role: 'user' | 'desk';
  tags: string[];
}

interface Order {
  readonly id: string;
}

const Desk = defineState({
  name: 'desk',
  version: 1,
  channels: {
    messages: list<Message>(),
    orders: record<Order>(),
    approved: value<boolean | null>(null),
    mood: value<'calm' | 'angry'>('calm'),
    total: reduce(0, (sum: number, add: number) => sum + add),
    amounts: list(z.object({ amount: z.string().transform(Number) })),
  },
});
const Approval = defineInterrupt({ name: 'approval', payload: z.object({ ask: z.string() }), answer: z.boolean() });

type State = StateOf<typeof Desk>;
type Update = UpdateOf<typeof Desk>;

const builder = () => new StateGraph(Desk);
const two = () =>
  builder()
    .addNode('classify', () => {})
    .addNode('refund', () => {});
const graph = two().addEdge(START, 'classify').addEdge('classify', 'refund').addEdge('refund', END).compile();

describe('state', () => {
  it('has the types its channels were defined with', () => {
    expectTypeOf<State['total']>().toEqualTypeOf<number>();
    expectTypeOf<State['approved']>().toEqualTypeOf<boolean | null>();
    expectTypeOf<State['mood']>().toEqualTypeOf<'calm' | 'angry'>();
    expectTypeOf<State['orders'][string]>().toEqualTypeOf<Order>();
    expectTypeOf<Update['orders']>().toEqualTypeOf<Readonly<Record<string, Order | undefined>> | undefined>();
  });

  it('holds what a schema returns and is written with what it takes', () => {
    expectTypeOf<State['amounts']>().toEqualTypeOf<readonly { readonly amount: number }[]>();
    expectTypeOf<Update['amounts']>().toEqualTypeOf<readonly { readonly amount: string }[] | undefined>();
  });

  it('is readonly at every depth', () => {
    builder().addNode('classify', (state) => {
      // @ts-expect-error a channel can't be assigned
      state.total = 1;
      // @ts-expect-error a list can't be pushed to
      state.messages.push({ role: 'user', tags: [] });
      // @ts-expect-error nor can a list inside a message
      state.messages[0]?.tags.push('urgent');
    });
    expectTypeOf<DeepReadonly<Map<string, { a: number[] }>>>().toEqualTypeOf<
      ReadonlyMap<string, { readonly a: readonly number[] }>
    >();
    expectTypeOf<DeepReadonly<Date>>().toEqualTypeOf<Date>();
    expectTypeOf<DeepReadonly<unknown>>().toEqualTypeOf<unknown>();
  });

  it('may be missing where an index is read', () => {
    builder().addNode('classify', ({ messages }) => {
      // @ts-expect-error under noUncheckedIndexedAccess a list may be empty
      messages[0].role;
    });
  });
});

describe('the update of a node', () => {
  it('names channels, in every form a node can take', () => {
    builder()
      .addNode('sync', () => ({ total: 1 }))
      .addNode('async', async () => ({ mood: 'angry', total: 1 }))
      .addNode('nothing', async () => {})
      .addNode('sometimes', (state) => {
        if (state.total > 1) return;
        return { mood: 'calm' };
      })
      .addNode('either', (state) => (state.total > 1 ? { total: 1 } : { mood: 'calm' }))
      .addNode('undefined', (state) => ({ total: 1, mood: state.total > 1 ? 'calm' : undefined }))
      .addNode('state', (state) => ({ messages: state.messages.filter(({ role }) => role === 'user') }))
      .addNode('delete', () => ({ orders: { a: undefined } }))
      .addNodes({ one: () => ({ total: 1 }), two: async (state) => ({ total: state.total, mood: 'calm' }) });
  });

  it('does not compile with a wrong channel', () => {
    // @ts-expect-error
    builder().addNode('classify', () => ({ totl: 1 }));
    // @ts-expect-error
    builder().addNode('classify', async () => ({ totl: 1 }));
    // @ts-expect-error
    builder().addNodes({ classify: () => ({ totl: 1 }) });
    // @ts-expect-error
    const _refund: NodeOf<typeof Desk> = async () => ({ totl: 1 });
  });

  it('does not compile with an extra key beside right ones', () => {
    // @ts-expect-error
    builder().addNode('classify', () => ({ total: 1, extra: 1 }));
    // @ts-expect-error
    builder().addNode('classify', async () => ({ total: 1, extra: 1 }));
    // @ts-expect-error
    builder().addNodes({ classify: () => ({ total: 1, extra: 1 }) });
    // @ts-expect-error
    builder().addNodes({ classify: async () => ({ total: 1, extra: 1 }) });
    // @ts-expect-error
    builder().addNode('classify', () => new Command({ update: { total: 1, extra: 1 } }));
  });

  it('does not compile with an extra key in one arm of a union', () => {
    // @ts-expect-error
    builder().addNode('classify', (state) => (state.total > 1 ? { total: 1 } : { total: 1, extra: 1 }));
    // @ts-expect-error
    builder().addNode('classify', async (state) => {
      if (state.total > 1) return { total: 1 };
      return { total: 1, extra: 1 };
    });
    // @ts-expect-error
    builder().addNode('classify', (state) => (state.total > 1 ? undefined : { total: 1, extra: 1 }));
    // @ts-expect-error
    builder().addNode('classify', (state) =>
      state.total > 1 ? new Command({ update: { total: 1 } }) : { total: 1, extra: 1 },
    );
    // @ts-expect-error
    builder().addNode('classify', (state) =>
      state.total > 1 ? new Command({ update: { total: 1, extra: 1 } }) : { total: 1 },
    );
  });

  it('does not compile with a wrong value', () => {
    // @ts-expect-error
    builder().addNode('classify', () => ({ total: 'five' }));
    // @ts-expect-error
    builder().addNode('classify', async () => ({ mood: 'bored' }));
    // @ts-expect-error a list's update is a list
    builder().addNode('classify', async () => ({ messages: { role: 'user', tags: [] } }));
    // @ts-expect-error no channel was defined with undefined
    builder().addNode('classify', async () => ({ orders: { a: null } }));
  });
});

describe('input', () => {
  it('does not compile with a wrong channel, an extra key, or either in one arm of a union', () => {
    const some = Math.random() > 0.5;
    // @ts-expect-error
    void graph.invoke({ totl: 1 });
    // @ts-expect-error
    void graph.invoke({ total: 1, extra: 1 });
    const extra = { total: 1, extra: 1 };
    // @ts-expect-error also where the object is not written in place
    void graph.invoke(extra);
    // @ts-expect-error
    void graph.invoke(some ? { total: 1 } : { total: 1, extra: 1 });
    // @ts-expect-error
    void graph.updateState({ threadId: 't' }, { total: 1, extra: 1 });
    // @ts-expect-error
    void graph.updateState({ threadId: 't' }, some ? { total: 1 } : { total: 1, extra: 1 });
  });

  it('compiles with any update of the state', () => {
    const update: Update = { total: 1 };
    const message: Message = { role: 'user', tags: [] };
    void graph.invoke(update);
    void graph.invoke({});
    void graph.invoke({ messages: [message], amounts: [{ amount: '5' }] }, { threadId: 't', metadata: { user: 'u1' } });
  });
});

describe('node names', () => {
  it('does not compile with a wrong node in an edge', () => {
    two().addEdge(START, 'classify').addEdge('classify', 'refund').addEdge('refund', END);
    // @ts-expect-error
    two().addEdge('clasify', 'refund');
    // @ts-expect-error
    two().addEdge('classify', 'refunds');
    // @ts-expect-error nothing leads to START
    two().addEdge('classify', START);
    // @ts-expect-error nor from END
    two().addEdge(END, 'classify');
  });

  it('does not compile with a wrong node in conditional edges', () => {
    two().addConditionalEdges('classify', (state) => (state.total > 1 ? 'refund' : END), ['refund', END]);
    two().addConditionalEdges('classify', async () => ['refund', END], ['refund', END]);
    // @ts-expect-error an unknown target
    two().addConditionalEdges('classify', () => 'refund', ['refund', 'refunds']);
    // @ts-expect-error a result that is not among the targets
    two().addConditionalEdges('classify', (state) => (state.total > 1 ? 'refund' : END), ['refund']);
    // @ts-expect-error an unknown source
    two().addConditionalEdges('clasify', () => 'refund', ['refund']);
  });

  it('does not compile with an unknown node in ends, once the graph is compiled', () => {
    two()
      .addNode('triage', () => new Command({ goto: 'later' }), { ends: ['later', END] })
      .addNode('later', () => {})
      .compile();
    // @ts-expect-error
    two()
      .addNode('triage', () => {}, { ends: ['nowhere'] })
      .compile();
    // @ts-expect-error
    two()
      .addNode('triage', () => {}, { ends: ['nowhere'] })
      .compile({ saver: new MemorySaver() });
  });

  it('does not compile with a goto that is not among the ends', () => {
    // @ts-expect-error
    two().addNode('triage', () => new Command({ goto: 'refund' }), { ends: ['classify'] });
    // @ts-expect-error
    two().addNode('triage', () => new Command({ goto: 'refund' }));
  });

  it('does not compile with an unknown asNode', () => {
    void graph.updateState({ threadId: 't' }, { total: 1 }, { asNode: 'classify' });
    // @ts-expect-error
    void graph.updateState({ threadId: 't' }, { total: 1 }, { asNode: 'clasify' });
  });
});

describe('interrupts and steps', () => {
  it('have the types of their definitions', () => {
    builder().addNode('approve', async (_state, ctx) => {
      expectTypeOf(await ctx.interrupt(Approval, { ask: 'Refund?' })).toEqualTypeOf<boolean>();
      expectTypeOf(await ctx.interrupt('Refund?')).toEqualTypeOf<unknown>();
      expectTypeOf(await ctx.step('count', () => 5)).toEqualTypeOf<number>();
      expectTypeOf(await ctx.step('count', { key: 'a' }, async () => ['a'])).toEqualTypeOf<string[]>();
      return { approved: await ctx.interrupt(Approval, { ask: 'Refund?' }) };
    });
  });

  it('do not compile with a wrong answer type', () => {
    builder().addNode('approve', async (_state, ctx) => {
      // @ts-expect-error
      const _answer: string = await ctx.interrupt(Approval, { ask: 'Refund?' });
    });
    // @ts-expect-error a boolean for a number
    builder().addNode('approve', async (_state, ctx) => ({ total: await ctx.interrupt(Approval, { ask: 'Refund?' }) }));
    // @ts-expect-error unknown for anything
    builder().addNode('approve', async (_state, ctx) => ({ total: await ctx.interrupt('Refund?') }));
  });

  it('do not compile with a wrong payload', () => {
    builder().addNode('approve', async (_state, ctx) => {
      // @ts-expect-error
      await ctx.interrupt(Approval, { question: 'Refund?' });
    });
  });
});

describe('options', () => {
  it('do not compile when misspelt or not built yet', () => {
    // @ts-expect-error
    void graph.invoke({}, { thread: 't' });
    // @ts-expect-error
    void graph.invoke({}, { durability: 'asynchronous' });
    // @ts-expect-error
    void graph.invoke({}, { durability: { each: 3 } });
    // @ts-expect-error under exactOptionalPropertyTypes: a new thread would begin by mistake
    void graph.invoke({}, { threadId: undefined });
    // @ts-expect-error
    two().compile({ storage: new MemorySaver() });
  });
});

describe('a result', () => {
  it('has the state in its values', async () => {
    const run = await graph.invoke({});
    expectTypeOf(run.values).toEqualTypeOf<State>();
    expectTypeOf(run.status).toEqualTypeOf<'completed' | 'interrupted'>();
    expectTypeOf((await graph.getState({ threadId: 't' })).values).toEqualTypeOf<State>();
  });
});
