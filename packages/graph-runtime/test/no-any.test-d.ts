/** Nothing that a user is handed is `any`, which would take part in every wrong line without a word. */

import type { NodeOf, StateOf, UpdateOf } from '@cairn/graph-runtime';
import {
  Command,
  defineInterrupt,
  defineState,
  END,
  isRootEvent,
  list,
  record,
  reduce,
  Send,
  START,
  StateGraph,
  value,
} from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

/** True for what is `any`, or has it in one of its properties. */
type LeaksAny<T> = 0 extends 1 & T
  ? true
  : true extends { [Key in keyof T]: 0 extends 1 & T[Key] ? true : false }[keyof T]
    ? true
    : false;
/** Takes anything but that. */
function known<T>(value: T, ..._refused: LeaksAny<T> extends true ? ['it is any, or has a property that is'] : []): T {
  return value;
}

const Desk = defineState({
  name: 'desk',
  version: 1,
  channels: {
    items: list<{ readonly id: number }>(),
    names: record<string>(),
    choice: value<'x' | 'y' | null>(null),
    length: reduce(0, (sum: number, text: string) => sum + text.length),
    dates: value(new Map<string, Date>()),
    checked: list(z.object({ text: z.string().default('none') })),
    anything: value<unknown>(null),
  },
});
const Question = defineInterrupt({
  name: 'question',
  payload: z.object({ ask: z.string() }),
  answer: z.object({ ok: z.boolean() }),
});
const child = new StateGraph(Desk)
  .addNode('only', (state) => {
    known(state);
  })
  .addEdge(START, 'only')
  .addEdge('only', END)
  .compile();

const graph = new StateGraph(Desk)
  .addNode(
    'works',
    async (state, ctx) => {
      known(state);
      known(state.items[0]);
      known(state.checked[0]);
      known(ctx);
      known(ctx.metadata['user']);
      known(await ctx.interrupt(Question, { ask: '?' }));
      known(await ctx.interrupt('?'));
      known(await ctx.step('once', () => ({ id: 1 })));
      known(
        await ctx.step('keyed', { key: 'a' }, async (call) => {
          known(call);
          return [1, 'a'] as const;
        }),
      );
      known(await ctx.call(child, { choice: 'x' }));
      return { length: 'abc' };
    },
    {
      fallback: (state, ctx, error) => {
        known(state);
        known(ctx);
        known(error);
      },
      cache: { key: (state) => known(state).choice ?? undefined },
      retry: { attempts: 2, retryIf: (error) => known(error) instanceof Error },
    },
  )
  .addNode(
    'sent',
    (input: { readonly id: number }, ctx) => {
      known(ctx);
      return new Command({ update: { items: [input] }, goto: 'works' });
    },
    { ends: ['works'], fallback: (input) => ({ items: [known(input)] }) },
  )
  .addNode('graph', child, {
    input: (state) => ({ choice: known(state).choice }),
    output: (result) => ({ items: known(result).items }),
    fallback: (state) => {
      known(state);
    },
  })
  .addEdge(START, 'works')
  .addConditionalEdges('works', (state) => [new Send('sent', { id: known(state).length }), 'graph'], ['sent', 'graph'])
  .addEdge('graph', END)
  .compile({ saver: new MemorySaver() });
const threadId = 't';

describe('no any', () => {
  it('is in what a run returns, or a thread shows', async () => {
    const run = await graph.invoke({ length: 'x', checked: [{}] }, { threadId });
    known(run);
    known(run.values);
    known(run.interrupts[0]);
    const state = await graph.getState({ threadId, subgraphs: true });
    known(state);
    known(state.values);
    known(state.trail[0]);
    known(state.trail[0]?.interrupts[0]);
    known(state.failures[0]);
    known(state.metadata['user']);
    known(state.children?.[0]);
    known(state.children?.[0]?.state);
    known(state.children?.[0]?.state.values['anything']);
    known((await graph.getState({ threadId, namespace: ['graph'] })).values['anything']);
    for await (const past of graph.getStateHistory({ threadId })) known(past.values);
    for await (const past of graph.getStateHistory({ threadId, values: false })) known(past);
    for await (const thread of graph.listThreads()) known(thread);
    known((await graph.diff({ threadId }, { threadId }))[0]);
    known(await graph.updateState({ threadId, namespace: ['graph'] }, {}));
    known(await graph.fork({ threadId, checkpointId: 'c' }));
    known((await graph.recover())[0]);
    known(await graph.drain());
  });

  it('is in streamed events, which are told apart by their mode, and names of nodes are known', async () => {
    const mode = ['values', 'updates', 'custom', 'tasks', 'checkpoints'] as const;
    for await (const event of graph.stream({}, { mode })) {
      known(event);
      if (event.mode === 'values') known(event.data);
      if (event.mode === 'updates') {
        known(event.data);
        known(event.data.update);
        expectTypeOf(event.data.node).toEqualTypeOf<'works' | 'sent' | 'graph'>();
      }
      if (event.mode === 'custom') expectTypeOf(event.data).toBeUnknown();
      if (event.mode === 'tasks') known(event.data);
      if (event.mode === 'checkpoints') known(event.data.values);
    }
    for await (const event of graph.stream({}, { mode: 'updates', subgraphs: true })) {
      known(event);
      known(event.data);
      if (isRootEvent(event)) known(event.data.update);
    }
  });

  it('is in the types of states and nodes that are written away from their graph', () => {
    const node: NodeOf<typeof Desk> = (state, ctx) => {
      known(state);
      known(ctx);
    };
    known(node);
    known({} as StateOf<typeof Desk>);
    known({} as UpdateOf<typeof Desk>);
  });

  it('goes unnoticed by these tests', () => {
    const parsed = JSON.parse('{}');
    // @ts-expect-error
    known(parsed);
    // @ts-expect-error
    known({ inside: parsed });
  });
});
