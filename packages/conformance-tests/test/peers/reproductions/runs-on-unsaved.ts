/** A store that fails in the middle of a run, in the durability that a program has when it asks for none. */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import {
  END as CAIRN_END,
  START as CAIRN_START,
  StateGraph as CairnGraph,
  defineState,
  list,
} from '@cairn/graph-runtime';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import { saysOf } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

const PeerState = Annotation.Root({
  log: Annotation<string[]>({ reducer: (old, more) => [...old, ...more], default: () => [] }),
});
const State = defineState({ name: 'log', version: 1, channels: { log: list<string>() } });

export const runsOnUnsaved: Reproduction = {
  id: 'runs-on-unsaved',
  statement: 'by default a run goes on after a checkpoint could not be stored',
  explanation:
    'The default durability is `async`: a superstep starts while the checkpoint before it is being stored, and nothing ' +
    'waits for more than the end of the run. When the second put fails, every node has run, with all that they did to the ' +
    'world, and none of it is on record. With `durability: "sync"` it waits.',
  peers: {
    MemorySaver: { ran: 'a b c', result: 'Error: disk full' },
    SqliteSaver: { ran: 'a b c', result: 'Error: disk full' },
    PostgresSaver: { ran: 'a b c', result: 'Error: disk full' },
  },
  cairn: { ran: 'a', result: 'Error: disk full' },

  async onPeer(saver) {
    const ran: string[] = [];
    const node = (name: string) => (): { log: string[] } => {
      ran.push(name);
      return { log: [name] };
    };
    const graph = new StateGraph(PeerState)
      .addNode('a', node('a'))
      .addNode('b', node('b'))
      .addNode('c', node('c'))
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .addEdge('b', 'c')
      .addEdge('c', END)
      .compile({ checkpointer: failingAt(2, saver, 'put') });
    const result = await saysOf(() => graph.invoke({}, { configurable: { thread_id: 'a' } }));
    return { ran: ran.join(' '), result: typeof result === 'string' ? result : 'success' };
  },

  async onCairn(saver) {
    const ran: string[] = [];
    const node = (name: string) => async (): Promise<{ log: string[] }> => {
      ran.push(name);
      return { log: [name] };
    };
    const graph = new CairnGraph(State)
      .addNode('a', node('a'))
      .addNode('b', node('b'))
      .addNode('c', node('c'))
      .addEdge(CAIRN_START, 'a')
      .addEdge('a', 'b')
      .addEdge('b', 'c')
      .addEdge('c', CAIRN_END)
      .compile({ saver: failingAt(2, saver, 'put') });
    const result = await saysOf(() => graph.invoke({}, { threadId: 'a' }));
    return { ran: ran.join(' '), result: typeof result === 'string' ? result : 'success' };
  },
};

/** The saver with its n-th put, and every later one, failing as a full disk does. */
function failingAt<S extends BaseCheckpointSaver | CheckpointSaver>(nth: number, saver: S, method: 'put'): S {
  let calls = 0;
  return new Proxy(saver, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key !== method) return value.bind(target) as unknown;
      return (...parts: unknown[]): unknown => {
        calls += 1;
        if (calls >= nth) return Promise.reject(new Error('disk full'));
        return Reflect.apply(value, target, parts);
      };
    },
  });
}
