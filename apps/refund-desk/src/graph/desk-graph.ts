// The graph of a ticket: classify → lookup → policy → (approve →) refund → reply. Which way it goes is decided here, what is done in desk-nodes.
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { END, START, StateGraph } from '@cairn/graph-runtime';
import { type DeskServices, deskNodes } from './desk-nodes.js';
import { DeskState, type DeskValues } from './desk-state.js';

export type DeskGraph = ReturnType<typeof buildDeskGraph>;

export function buildDeskGraph(services: DeskServices, saver: CheckpointSaver) {
  return new StateGraph(DeskState)
    .addNodes(deskNodes(services))
    .addEdge(START, 'classify')
    .addEdge('classify', 'lookup')
    .addEdge('lookup', 'policy')
    .addConditionalEdges('policy', afterPolicy, ['refund', 'approve', 'reply'])
    .addConditionalEdges('approve', (state) => (state.approved === true ? 'refund' : 'reply'), ['refund', 'reply'])
    .addEdge('refund', 'reply')
    .addEdge('reply', END)
    .compile({ saver });
}

function afterPolicy({ decision }: DeskValues): 'refund' | 'approve' | 'reply' {
  if (decision?.outcome === 'refund') return 'refund';
  return decision?.outcome === 'ask-human' ? 'approve' : 'reply';
}
