/** Time travel, on LangGraph.js. */
import { Command, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import { before, type OnLangGraph, open, type PeerKit, ran, Story, seen, states } from './on-langgraph.js';

function telling({ checkpointer }: PeerKit, nodes: string[] = []) {
  return new StateGraph(Story)
    .addNode('choose', () => {
      nodes.push('choose');
      return { topic: 'socks', log: ['chose'] };
    })
    .addNode('tell', ({ topic }) => {
      nodes.push('tell');
      return { log: [`told of ${topic}`] };
    })
    .addEdge(START, 'choose')
    .addEdge('choose', 'tell')
    .addEdge('tell', END)
    .compile({ checkpointer });
}

async function toldOnce(kit: PeerKit, nodes: string[] = []) {
  const graph = telling(kit, nodes);
  await graph.invoke({}, kit.thread());
  return { graph, thread: kit.thread(), past: await before(graph, kit.thread(), 'tell') };
}

async function interviewed({ checkpointer, thread }: PeerKit) {
  const graph = new StateGraph(Story)
    .addNode('name', () => ({ log: [String(interrupt('name?'))] }))
    .addNode('age', () => ({ log: [String(interrupt('age?'))] }))
    .addEdge(START, 'name')
    .addEdge('name', 'age')
    .addEdge('age', END)
    .compile({ checkpointer });
  await graph.invoke({}, thread());
  await graph.invoke(new Command({ resume: 'Ann' }), thread());
  await graph.invoke(new Command({ resume: 7 }), thread());
  return graph;
}

export const timeTravel: Readonly<Record<string, OnLangGraph>> = {
  'time/look-back': {
    async run(kit) {
      const { graph, past } = await toldOnce(kit);
      const { values, next } = await graph.getState(past);
      return { log: values.log, topic: values.topic, next };
    },
  },
  'time/replay': {
    async run(kit) {
      const nodes: string[] = [];
      const { graph, thread, past } = await toldOnce(kit, nodes);
      await graph.invoke(null, past);
      return { end: seen(await graph.getState(thread)), ran: nodes };
    },
  },
  'time/replay-of-the-end': {
    async run(kit) {
      const nodes: string[] = [];
      const { graph, thread } = await toldOnce(kit, nodes);
      await graph.invoke(null, (await graph.getState(thread)).config);
      return { end: seen(await graph.getState(thread)), ran: nodes };
    },
  },
  'time/replay-asks-again': {
    async run(kit) {
      const graph = await interviewed(kit);
      await graph.invoke(null, await before(graph, kit.thread(), 'name'));
      const asked = (await open(graph, kit.thread())).map(({ payload }) => payload);
      const other = await ran(graph, kit.thread(), new Command({ resume: 'Bob' }));
      return { asked, other, kept: (await states(graph, kit.thread())).includes('Ann 7 >') };
    },
  },
  'time/replay-between-questions': {
    async run(kit) {
      const graph = await interviewed(kit);
      await graph.invoke(null, await before(graph, kit.thread(), 'age'));
      const asked = (await open(graph, kit.thread())).map(({ payload }) => payload);
      return { asked, end: await ran(graph, kit.thread(), new Command({ resume: 8 })) };
    },
  },
  'time/fork-with-edit': {
    async run(kit) {
      const { graph, thread, past } = await toldOnce(kit);
      await graph.invoke(null, await graph.updateState(past, { topic: 'hats' }));
      return { end: seen(await graph.getState(thread)), states: (await states(graph, thread)).length };
    },
  },
  'time/fork-keeps-original': {
    async run(kit) {
      const { graph, thread, past } = await toldOnce(kit);
      await graph.invoke(null, await graph.updateState(past, { topic: 'hats' }));
      return states(graph, thread);
    },
  },
  'time/two-forks': {
    async run(kit) {
      const { graph, past } = await toldOnce(kit);
      const hats = await graph.updateState(past, { topic: 'hats' });
      const gloves = await graph.updateState(past, { topic: 'gloves' });
      const topicAt = async (config: typeof hats) => (await graph.getState(config)).values.topic;
      const ends: string[] = [];
      for (const config of [hats, gloves]) ends.push((await graph.invoke(null, config)).log.join(' '));
      return { hats: await topicAt(hats), gloves: await topicAt(gloves), ends };
    },
  },
  'time/update-as-node': {
    async run(kit) {
      const graph = telling(kit);
      await graph.invoke({}, { ...kit.thread(), interruptBefore: ['choose'] });
      await graph.updateState(kit.thread(), { topic: 'hats' }, 'choose');
      const { next } = await graph.getState(kit.thread());
      return { next, end: await ran(graph, kit.thread(), null) };
    },
  },
  'time/update-skips': {
    async run(kit) {
      const graph = telling(kit);
      await graph.invoke({}, { ...kit.thread(), interruptBefore: ['tell'] });
      await graph.updateState(kit.thread(), { log: ['by hand'] }, 'tell');
      const { next } = await graph.getState(kit.thread());
      return { next, end: await ran(graph, kit.thread(), null) };
    },
  },
  'time/update-folds': {
    async run(kit) {
      const { graph, thread } = await toldOnce(kit);
      await graph.updateState(thread, { log: ['by hand'], topic: 'hats', total: 3 });
      const { log, topic, total } = (await graph.getState(thread)).values;
      return { log, topic, total };
    },
  },
};
