/**
 * The graphs whose threads lie in the golden stores, as they were when the first was written. Never change what is here: a
 * stored thread goes on with it. What a later format has to prove more is written beside it.
 */
import type { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, list, record, reduce, Send, START, StateGraph, value } from '@cairn/graph-runtime';

const Desk = defineState({
  name: 'golden desk',
  version: 1,
  channels: {
    messages: list<string>(),
    orders: record<{ cents: number }>(),
    approved: value<boolean | null>(null),
    refunded: reduce(0, (sum: number, cents: number) => sum + cents),
  },
});

/** Looks an order up in a step, asks a person, refunds in a step. */
export function deskGraph(checkpointer: Checkpointer) {
  return new StateGraph(Desk)
    .addNode('classify', async (_, ctx) => {
      const cents = await ctx.step('lookup', () => 7_900);
      return { orders: { '17': { cents } }, messages: ['looked up'] };
    })
    .addNode('approve', async (_, ctx) => ({ approved: (await ctx.interrupt({ ask: 'Refund?' })) as boolean }))
    .addNode('refund', async (state, ctx) => {
      const cents = await ctx.step('pay', () => state.orders['17']?.cents ?? 0);
      return { refunded: cents, messages: ['refunded'] };
    })
    .addEdge(START, 'classify')
    .addEdge('classify', 'approve')
    .addEdge('approve', 'refund')
    .addEdge('refund', END)
    .compile({ checkpointer });
}

const Outer = defineState({ name: 'golden outer', version: 1, channels: { notes: list<string>() } });
const Inner = defineState({
  name: 'golden inner',
  version: 1,
  channels: { notes: list<string>(), answer: value<string | null>(null) },
});

/** A sub-graph that remembers, then one that does a step and asks. */
export function nestedGraph(checkpointer: Checkpointer) {
  const memory = new StateGraph(Inner)
    .addNode('keep', ({ notes }) => ({ notes: [`kept after ${notes.length}`] }))
    .addEdge(START, 'keep')
    .addEdge('keep', END)
    .compile({});
  const asking = new StateGraph(Inner)
    .addNode('look', async (_, ctx) => ({ notes: [await ctx.step('look', () => 'looked')] }))
    .addNode('ask', async (_, ctx) => {
      await ctx.step('before asking', () => 'done');
      return { answer: (await ctx.interrupt({ ask: 'Which one?' })) as string };
    })
    .addEdge(START, 'look')
    .addEdge('look', 'ask')
    .addEdge('ask', END)
    .compile({});
  const output = ({ notes, answer }: { notes: readonly string[]; answer: string | null }) => ({
    notes: [...notes, ...(answer === null ? [] : [answer])],
  });
  return new StateGraph(Outer)
    .addNode('memory', memory, { input: () => ({}), output, remembers: true })
    .addNode('asking', asking, { input: () => ({}), output })
    .addEdge(START, 'memory')
    .addEdge('memory', 'asking')
    .addEdge('asking', END)
    .compile({ checkpointer });
}

const Fan = defineState({ name: 'golden fan', version: 1, channels: { results: list<string>() } });

/** Three tasks with inputs of their own, of which one asks, and a join that is half filled meanwhile. */
export function fanGraph(checkpointer: Checkpointer) {
  return new StateGraph(Fan)
    .addNode('spread', () => ({}))
    .addNode('quick', () => ({ results: ['quick'] }))
    .addNode('work', async (input: { readonly city: string }, ctx) => {
      const sky = input.city === 'Rome' ? ((await ctx.interrupt({ ask: input.city })) as string) : 'rain';
      return { results: [`${input.city}: ${sky}`] };
    })
    .addNode('both', () => ({ results: ['both'] }))
    .addEdge(START, 'spread')
    .addEdge(START, 'quick')
    .addConditionalEdges('spread', () => ['Oslo', 'Rome', 'Bern'].map((city) => new Send('work', { city })), ['work'])
    .addEdge(['quick', 'work'], 'both')
    .addEdge('both', END)
    .compile({ checkpointer });
}
