/** Policies: nodes that are tried again, given up, replaced, or not run because their result is known. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Scenario } from './scenario.js';
import { codeOf, failing, Story, seen, states } from './story.js';

const soon = { backoffMs: 1 };

export const policies: readonly Scenario[] = [
  {
    id: 'policy/retry',
    behaviour: 'a node that fails is tried again as often as it may be, within one superstep',
    expected: { attempts: [1, 2, 3], states: ['> call', 'called >'] },
    async run({ saver, thread }) {
      const attempts: number[] = [];
      const fail = failing(2);
      const graph = new StateGraph(Story)
        .addNode(
          'call',
          (_state, { attempt }) => {
            attempts.push(attempt);
            fail();
            return { log: ['called'] };
          },
          { retry: { attempts: 3, ...soon } },
        )
        .addEdge(START, 'call')
        .addEdge('call', END)
        .compile({ saver });
      await graph.invoke({}, { threadId: thread() });
      return { attempts, states: await states(graph, thread()) };
    },
  },
  {
    id: 'policy/retries-used-up',
    behaviour: 'after the last attempt the run fails with the node’s error as its cause, and a resume tries afresh',
    expected: { code: 'CAIRN_NODE_FAILED', cause: 'Error: failure 2', end: 'completed: called' },
    async run({ saver, thread }) {
      const fail = failing(2);
      const graph = new StateGraph(Story)
        .addNode(
          'call',
          () => {
            fail();
            return { log: ['called'] };
          },
          { retry: { attempts: 2, ...soon } },
        )
        .addEdge(START, 'call')
        .addEdge('call', END)
        .compile({ saver });
      const failed = graph.invoke({}, { threadId: thread() });
      const cause = await failed.then(
        () => undefined,
        (error: Error) => String(error.cause),
      );
      return { code: await codeOf(failed), cause, end: seen(await graph.resume({ threadId: thread() })) };
    },
  },
  {
    id: 'policy/retry-on',
    behaviour: 'only the errors that a policy names are tried again',
    expected: { network: 2, logic: 1 },
    async run({ saver, thread }) {
      const calls = { network: 0, logic: 0 };
      const graph = new StateGraph(Story)
        .addNode(
          'call',
          ({ topic }) => {
            const kind = topic === 'network' ? 'network' : 'logic';
            calls[kind] += 1;
            throw kind === 'network' ? new Error('reset') : new TypeError('wrong');
          },
          { retry: { attempts: 2, ...soon, retryIf: (error) => !(error instanceof TypeError) } },
        )
        .addEdge(START, 'call')
        .addEdge('call', END)
        .compile({ saver });
      for (const topic of ['network', 'logic']) await codeOf(graph.invoke({ topic }, { threadId: thread(topic) }));
      return calls;
    },
  },
  {
    id: 'policy/retry-keeps-steps',
    behaviour: 'a retried node does not repeat the effects that it has recorded',
    expected: { effects: 1, end: 'completed: paid' },
    async run({ saver, thread }) {
      let effects = 0;
      const fail = failing(1);
      const graph = new StateGraph(Story)
        .addNode(
          'pay',
          async (_state, ctx) => {
            const paid = await ctx.step('pay', () => {
              effects += 1;
              return 'paid';
            });
            fail();
            return { log: [paid] };
          },
          { retry: { attempts: 2, ...soon } },
        )
        .addEdge(START, 'pay')
        .addEdge('pay', END)
        .compile({ saver });
      return { end: seen(await graph.invoke({}, { threadId: thread() })), effects };
    },
  },
  {
    id: 'policy/step-retry',
    beyond: true,
    behaviour: 'a recorded effect has retries of its own: its node does not run again for them',
    expected: { nodes: 1, effects: 3, end: 'completed: found' },
    async run({ saver, thread }) {
      let [nodes, effects] = [0, 0];
      const fail = failing(2);
      const graph = new StateGraph(Story)
        .addNode('look', async (_state, ctx) => {
          nodes += 1;
          const found = await ctx.step('look', { retry: { attempts: 3, ...soon } }, () => {
            effects += 1;
            fail();
            return 'found';
          });
          return { log: [found] };
        })
        .addEdge(START, 'look')
        .addEdge('look', END)
        .compile({ saver });
      const end = seen(await graph.invoke({}, { threadId: thread() }));
      return { end, nodes, effects };
    },
  },
  {
    id: 'policy/time-limit',
    behaviour: 'a node that takes too long is told to stop, and has failed',
    expected: { code: 'CAIRN_NODE_FAILED', cause: 'CAIRN_NODE_TIMEOUT', told: true },
    async run({ saver, thread }) {
      let told = false;
      const graph = new StateGraph(Story)
        .addNode(
          'hang',
          async (_state, { signal }) => {
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
            told = true;
            return {};
          },
          { timeoutMs: 20 },
        )
        .addEdge(START, 'hang')
        .addEdge('hang', END)
        .compile({ saver });
      const failed = graph.invoke({}, { threadId: thread() });
      const cause = await failed.then(
        () => undefined,
        (error: { readonly cause?: { readonly code?: unknown } }) => error.cause?.code,
      );
      return { code: await codeOf(failed), cause, told };
    },
  },
  {
    id: 'policy/fallback',
    beyond: true,
    behaviour: 'a fallback takes the place of a node that has failed for good, and the run goes on',
    expected: 'completed: fell back on failure 2',
    async run({ saver, thread }) {
      const fail = failing(2);
      const graph = new StateGraph(Story)
        .addNode(
          'call',
          () => {
            fail();
            return { log: ['called'] };
          },
          {
            retry: { attempts: 2, ...soon },
            fallback: (_state, _ctx, error) => ({ log: [`fell back on ${(error as Error).message}`] }),
          },
        )
        .addEdge(START, 'call')
        .addEdge('call', END)
        .compile({ saver });
      return seen(await graph.invoke({}, { threadId: thread() }));
    },
  },
  {
    id: 'policy/cache',
    behaviour: 'a node whose result is known for its key does not run, in other threads as well',
    expected: { calls: 2, ends: ['completed: on a', 'completed: on a', 'completed: on b'] },
    async run({ saver, thread }) {
      let calls = 0;
      const graph = new StateGraph(Story)
        .addNode(
          'work',
          ({ topic }) => {
            calls += 1;
            return { log: [`on ${topic}`] };
          },
          { cache: { key: ({ topic }) => topic } },
        )
        .addEdge(START, 'work')
        .addEdge('work', END)
        .compile({ saver });
      const ends: string[] = [];
      for (const [name, topic] of Object.entries({ one: 'a', two: 'a', three: 'b' }))
        ends.push(seen(await graph.invoke({ topic }, { threadId: thread(name) })));
      return { ends, calls };
    },
  },
];
