/** The graph that every measurement of supersteps runs: one node, which appends a message a turn. */
import { defineState, END, list, reduce, START, StateGraph } from '@cairn/graph-runtime';

const Chat = defineState({
  name: 'chat',
  version: 1,
  channels: { messages: list<string>(), turns: reduce(0, (sum: number, more: number) => sum + more) },
});

/** @param message - makes the text of a turn, counted from 0. */
export function chatGraph(turns: number, message: (turn: number) => string) {
  return new StateGraph(Chat)
    .addNode('turn', (state) => ({ messages: [message(state.turns)], turns: 1 }))
    .addEdge(START, 'turn')
    .addConditionalEdges('turn', (state) => (state.turns < turns ? 'turn' : END), ['turn', END]);
}
