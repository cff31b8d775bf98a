/** The sub-graphs' state, another than their callers'. */
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';

export const Child = defineState({
  name: 'child',
  version: 1,
  channels: { notes: list<string>(), question: value('') },
});

/** Notes once how many notes it had. */
export const counting = new StateGraph(Child)
  .addNode('note', ({ notes }) => ({ notes: [`note ${notes.length + 1}`] }))
  .addEdge(START, 'note')
  .addEdge('note', END)
  .compile();
