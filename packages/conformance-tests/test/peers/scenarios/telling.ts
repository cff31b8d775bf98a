/** A graph to travel in. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Kit } from './scenario.js';
import { before, Story } from './story.js';

/** Chooses a topic, then tells of it. */
export function telling({ saver }: Kit, ran: string[] = []) {
  return new StateGraph(Story)
    .addNode('choose', () => {
      ran.push('choose');
      return { topic: 'socks', log: ['chose'] };
    })
    .addNode('tell', ({ topic }) => {
      ran.push('tell');
      return { log: [`told of ${topic}`] };
    })
    .addEdge(START, 'choose')
    .addEdge('choose', 'tell')
    .addEdge('tell', END)
    .compile({ saver });
}

/** Where `telling` stood before it told, in a thread that is done. */
export async function toldOnce(kit: Kit, ran: string[] = []) {
  const graph = telling(kit, ran);
  const threadId = kit.thread();
  await graph.invoke({}, { threadId });
  return { graph, threadId, checkpointId: await before(graph, threadId, 'tell') };
}
