/**
 * The graph that power is cut in: five turns, the third with an effect, then two tasks side by side, a question, and an end.
 * Nine states in all, each of another length.
 */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { type CompiledGraph, defineState, END, list, reduce, START, StateGraph } from '@cairn/graph-runtime';

export const threadId = 't';
export const input = { log: ['input'] };
export const answer = 'yes';

const TURNS = 5;
const PAYING = 3;

const State = defineState({
  name: 'power',
  version: 1,
  channels: { log: list<string>(), total: reduce(0, (sum: number, add: number) => sum + add) },
});

export type PowerGraph = CompiledGraph<(typeof State)['channels'], string>;

/** All the states that a run has, after its input and after each superstep. */
export const states = [
  ...Array.from({ length: TURNS + 1 }, (_, turn) => ({ log: logOf(turn), total: turn })),
  ...[
    ['left', 'right'],
    ['left', 'right', answer],
    ['left', 'right', answer, 'last'],
  ].map((more, index) => ({
    log: [...logOf(TURNS), ...more],
    total: TURNS + 1 + index,
  })),
];

function logOf(turn: number): readonly string[] {
  return ['input', ...Array.from({ length: turn }, (_, index) => `${index + 1}`)];
}

/** What a test is told of a run; the run waits for what `during` returns. */
export interface Witness {
  /** A node begins on so many supersteps. */
  began(node: string, supersteps: number): void;
  /** The effect happens. */
  paid(key: string): void;
  /** Its step returned. */
  recorded(): void;
  /** The node `right` runs, side by side with `left`. */
  besideLeft(): Promise<void> | void;
  /** The question was answered. */
  answered(): void;
}

export function powerGraph(saver: CheckpointSaver, witness: Witness): PowerGraph {
  return new StateGraph(State)
    .addNode('turn', async ({ total }, ctx) => {
      witness.began('turn', total);
      if (total + 1 === PAYING) {
        await ctx.step('pay', () => witness.paid(ctx.idempotencyKey('pay')));
        witness.recorded();
      }
      return { log: [`${total + 1}`], total: 1 };
    })
    .addNode('left', ({ total }) => {
      witness.began('left', total);
      return { log: ['left'], total: 1 };
    })
    .addNode('right', async ({ total }) => {
      witness.began('right', total);
      await witness.besideLeft();
      return { log: ['right'] };
    })
    .addNode('ask', async ({ total }, ctx) => {
      witness.began('ask', total);
      const given = await ctx.interrupt('Go on?');
      witness.answered();
      return { log: [String(given)], total: 1 };
    })
    .addNode('last', ({ total }) => {
      witness.began('last', total);
      return { log: ['last'], total: 1 };
    })
    .addEdge(START, 'turn')
    .addConditionalEdges('turn', ({ total }) => (total < TURNS ? 'turn' : ['left', 'right']), ['turn', 'left', 'right'])
    .addEdge(['left', 'right'], 'ask')
    .addEdge('ask', 'last')
    .addEdge('last', END)
    .compile({ saver }) as unknown as PowerGraph;
}
