/** Sub-graphs and map-reduce, on LangGraph.js. */
import { Annotation, Command, END, interrupt, Send, START, StateGraph } from '@langchain/langgraph';
import { failing } from '../story.js';
import { fails, type OnLangGraph, open, type PeerKit, ran, Story, says, seen, states } from './on-langgraph.js';

const Child = Annotation.Root({
  notes: Annotation<string[]>({ reducer: (old, more) => [...old, ...more], default: () => [] }),
});

/** A sub-graph that works, then asks. */
function nesting({ checkpointer }: PeerKit, nodes: string[] = []) {
  const child = new StateGraph(Child)
    .addNode('work', () => {
      nodes.push('work');
      return { notes: ['worked'] };
    })
    .addNode('ask', () => {
      nodes.push('ask');
      return { notes: [String(interrupt('ok?'))] };
    })
    .addEdge(START, 'work')
    .addEdge('work', 'ask')
    .addEdge('ask', END)
    .compile();
  return new StateGraph(Story)
    .addNode('nested', async () => ({ log: (await child.invoke({})).notes }))
    .addEdge(START, 'nested')
    .addEdge('nested', END)
    .compile({ checkpointer });
}

function looping({ checkpointer }: PeerKit, remembers: boolean) {
  const child = new StateGraph(Child)
    .addNode('note', ({ notes }) => ({ notes: [`note ${notes.length + 1}`] }))
    .addEdge(START, 'note')
    .addEdge('note', END)
    .compile(remembers ? { checkpointer: true } : {});
  return new StateGraph(Story)
    .addNode('nested', async () => ({ log: [(await child.invoke({})).notes.join('+')] }))
    .addEdge(START, 'nested')
    .addConditionalEdges('nested', ({ log }) => (log.length % 2 === 1 ? 'nested' : END), ['nested', END])
    .compile({ checkpointer });
}

const Batch = Annotation.Root({
  items: Annotation<string[]>({ reducer: (_old, given) => given, default: () => [] }),
  log: Annotation<string[]>({ reducer: (old, more) => [...old, ...more], default: () => [] }),
  topic: Annotation<string>(),
});

function mapReduce({ checkpointer }: PeerKit, work: (item: string) => string | Promise<string>) {
  return new StateGraph(Batch)
    .addNode('work', async ({ topic }) => ({ log: [await work(topic)] }))
    .addNode('sum', ({ log }) => ({ topic: `${log.length} done` }))
    .addConditionalEdges(START, ({ items }) => items.map((topic) => new Send('work', { topic })), ['work'])
    .addEdge('work', 'sum')
    .addEdge('sum', END)
    .compile({ checkpointer });
}

const abc = { items: ['a', 'b', 'c'] };

export const subGraphsAndSends: Readonly<Record<string, OnLangGraph>> = {
  'sub/shared-state': {
    differs: {
      trace: {
        end: 'completed: outer outer inner saw outer',
        states: ['> outer', 'outer > inner', 'outer outer inner saw outer >'],
      },
      because:
        'the sub-graph’s whole list is handed to the outer reducer, so that what was in it before is there twice',
    },
    async run({ checkpointer, thread }) {
      const inner = new StateGraph(Annotation.Root({ log: Story.spec.log }))
        .addNode('look', ({ log }) => ({ log: [`inner saw ${log.join()}`] }))
        .addEdge(START, 'look')
        .addEdge('look', END)
        .compile();
      const graph = new StateGraph(Story)
        .addNode('outer', says('outer'))
        .addNode('inner', inner)
        .addEdge(START, 'outer')
        .addEdge('outer', 'inner')
        .addEdge('inner', END)
        .compile({ checkpointer });
      return { end: await ran(graph, thread(), {}), states: await states(graph, thread()) };
    },
  },
  'sub/edited-inside': {
    async run({ checkpointer, thread }) {
      const inner = new StateGraph(Annotation.Root({ topic: Annotation<string>() }))
        .addNode('ask', ({ topic }) => ({ topic: `${topic}: ${String(interrupt(`${topic}?`))}` }))
        .addEdge(START, 'ask')
        .addEdge('ask', END)
        .compile();
      const graph = new StateGraph(Story)
        .addNode('nested', inner)
        .addNode('note', ({ topic }) => ({ log: [topic] }))
        .addEdge(START, 'nested')
        .addEdge('nested', 'note')
        .addEdge('note', END)
        .compile({ checkpointer });
      await graph.invoke({ topic: 'cats' }, thread());
      const [asked] = await open(graph, thread());
      const { tasks } = await graph.getState(thread(), { subgraphs: true });
      const inside = tasks[0]?.state;
      if (inside === undefined || !('config' in inside)) throw new Error('The sub-graph is not to be seen.');
      await graph.updateState(inside.config, { topic: 'dogs' });
      const waits = seen(await graph.getState(thread())).split(':')[0];
      await graph.invoke(null, thread());
      const [again] = await open(graph, thread());
      const end = await ran(graph, thread(), new Command({ resume: 'yes' }));
      return { asked: asked?.payload, waits, again: again?.payload, end };
    },
  },
  'sub/mapped-state': {
    async run(kit) {
      const graph = nesting(kit);
      await graph.invoke({}, kit.thread());
      return ran(graph, kit.thread(), new Command({ resume: 'yes' }));
    },
  },
  'sub/goes-on-inside': {
    async run(kit) {
      const nodes: string[] = [];
      const graph = nesting(kit, nodes);
      await graph.invoke({}, kit.thread());
      await graph.invoke(new Command({ resume: 'yes' }), kit.thread());
      return nodes;
    },
  },
  'sub/fails-inside': {
    async run({ checkpointer, thread }) {
      const nodes: string[] = [];
      const fail = failing(1);
      const inner = new StateGraph(Child)
        .addNode('first', () => {
          nodes.push('first');
          return { notes: ['first'] };
        })
        .addNode('second', () => {
          nodes.push('second');
          fail();
          return { notes: ['second'] };
        })
        .addEdge(START, 'first')
        .addEdge('first', 'second')
        .addEdge('second', END)
        .compile();
      const graph = new StateGraph(Story)
        .addNode('nested', async () => ({ log: (await inner.invoke({})).notes }))
        .addEdge(START, 'nested')
        .addEdge('nested', END)
        .compile({ checkpointer });
      const error = await fails(graph.invoke({}, thread()), 'CAIRN_NODE_FAILED');
      return { error, end: await ran(graph, thread(), null), ran: nodes };
    },
  },
  'sub/forgets': {
    async run(kit) {
      return ran(looping(kit, false), kit.thread(), {});
    },
  },
  'sub/remembers': {
    async run(kit) {
      const graph = looping(kit, true);
      return [await ran(graph, kit.thread(), {}), await ran(graph, kit.thread(), {})];
    },
  },
  'sub/called-inside': {
    async run({ checkpointer, thread }) {
      const nodes: string[] = [];
      const child = new StateGraph(Child)
        .addNode('work', () => {
          nodes.push('child');
          return { notes: ['from child'] };
        })
        .addEdge(START, 'work')
        .addEdge('work', END)
        .compile();
      const graph = new StateGraph(Story)
        .addNode('caller', async () => {
          nodes.push('caller');
          const { notes } = await child.invoke({});
          return { log: [`${notes.join()}, ${interrupt('ok?')}`] };
        })
        .addEdge(START, 'caller')
        .addEdge('caller', END)
        .compile({ checkpointer });
      await graph.invoke({}, thread());
      return { end: await ran(graph, thread(), new Command({ resume: 'yes' })), ran: nodes };
    },
  },
  'map/each-item': {
    async run(kit) {
      return ran(
        mapReduce(kit, (item) => `did ${item}`),
        kit.thread(),
        abc,
      );
    },
  },
  'map/reduced-once': {
    async run(kit) {
      const graph = mapReduce(kit, (item) => item);
      const { topic } = await graph.invoke(abc, kit.thread());
      return { topic, states: await states(graph, kit.thread()) };
    },
  },
  'map/fixed-order': {
    async run(kit) {
      const ended: string[] = [];
      const graph = mapReduce(kit, async (item) => {
        await new Promise((resolve) => setTimeout(resolve, { a: 60, b: 30, c: 0 }[item] ?? 0));
        ended.push(item);
        return item;
      });
      return { log: await ran(graph, kit.thread(), abc), ended };
    },
  },
  'map/one-fails': {
    async run(kit) {
      const nodes: string[] = [];
      const fail = failing(1);
      const graph = mapReduce(kit, async (item) => {
        nodes.push(item);
        await new Promise((resolve) => setTimeout(resolve, item === 'b' ? 10 : 0));
        if (item === 'b') fail();
        return item;
      });
      await fails(graph.invoke(abc, kit.thread()), '');
      return { end: await ran(graph, kit.thread(), null), ran: nodes };
    },
  },
  'map/input-is-stored': {
    async run(kit) {
      const broken = mapReduce(kit, () => {
        throw new Error('broken');
      });
      await fails(broken.invoke(abc, kit.thread()), '');
      return ran(
        mapReduce(kit, (item) => item),
        kit.thread(),
        null,
      );
    },
  },
  'map/each-asks': {
    async run(kit) {
      const graph = mapReduce(kit, (item) => `${item}=${interrupt(`${item}?`)}`);
      await graph.invoke({ items: ['a', 'b'] }, kit.thread());
      const asked = await open(graph, kit.thread());
      const resume = Object.fromEntries(asked.map(({ id, payload }) => [id, payload === 'a?' ? 1 : 2]));
      await graph.invoke(new Command({ resume }), kit.thread());
      return { asked: asked.map(({ payload }) => payload), end: seen(await graph.getState(kit.thread())) };
    },
  },
};
