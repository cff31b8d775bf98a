/** What the definition of an interrupt lets a node ask: wrong payloads do not compile. */
import { defineInterrupt, defineState, StateGraph, value } from '@cairn/graph-runtime';
import { describe, it } from 'vitest';
import { z } from 'zod';

const State = defineState({ name: 'asking', version: 1, channels: { total: value(0) } });
const Choice = defineInterrupt({ name: 'choice', payload: z.enum(['left', 'right']), answer: z.boolean() });

describe('a payload', () => {
  it('does not compile where its definition does not choose from it', () => {
    new StateGraph(State).addNode('ask', async (_state, ctx) => {
      await ctx.interrupt(Choice, 'left');
      // @ts-expect-error
      await ctx.interrupt(Choice, 'middle');
    });
  });
});
