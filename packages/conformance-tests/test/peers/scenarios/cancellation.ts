/** Cancellation: a run that is stopped from outside, and the thread it leaves. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Kit, Scenario } from './scenario.js';
import { codeOf, Story, says, seen } from './story.js';

/** a, then b, which hangs while `hangs` and calls `reached` when it does. */
function hanging({ saver }: Kit, on: { hangs: boolean; reached?: () => void; told?: () => void }) {
  return new StateGraph(Story)
    .addNode('a', says('a'))
    .addNode('b', async (_state, { signal }) => {
      if (on.hangs) {
        const stopped = new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            on.told?.();
            reject(signal.reason);
          }),
        );
        on.reached?.();
        await stopped;
      }
      return { log: ['b'] };
    })
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', END)
    .compile({ saver });
}

/** A run that is cancelled while b hangs. */
async function cancelled(kit: Kit) {
  const controller = new AbortController();
  let wasTold = false;
  const told = () => {
    wasTold = true;
  };
  const on = { hangs: true, reached: () => controller.abort(), told };
  const graph = hanging(kit, on);
  const error = await codeOf(graph.invoke({}, { threadId: kit.thread(), signal: controller.signal }));
  on.hangs = false;
  return { graph, error, wasTold };
}

export const cancellation: readonly Scenario[] = [
  {
    id: 'cancel/ends',
    behaviour: 'an aborted signal ends the run with an error, and the node is told by its own signal',
    expected: { error: 'CAIRN_RUN_CANCELLED', told: true },
    async run(kit) {
      const { error, wasTold } = await cancelled(kit);
      return { error, told: wasTold };
    },
  },
  {
    id: 'cancel/resumes',
    behaviour: 'a cancelled thread keeps what was finished, and a resume runs the rest',
    expected: { log: ['a'], next: ['b'], end: 'completed: a b' },
    async run(kit) {
      const { graph } = await cancelled(kit);
      const { values, next } = await graph.getState({ threadId: kit.thread() });
      return { log: values.log, next, end: seen(await graph.resume({ threadId: kit.thread() })) };
    },
  },
  {
    id: 'cancel/status',
    beyond: true,
    behaviour: 'a cancelled thread is listed as interrupted, and is not a failure',
    expected: { status: 'interrupted', failures: 0 },
    async run(kit) {
      const { graph } = await cancelled(kit);
      const { status, failures } = await graph.getState({ threadId: kit.thread() });
      return { status, failures: failures.length };
    },
  },
  {
    id: 'cancel/new-input',
    beyond: true,
    behaviour: 'a cancelled thread takes a new input once what was left is given up',
    expected: { refused: 'CAIRN_UNFINISHED_RUN', end: 'completed: a a b' },
    async run(kit) {
      const { graph } = await cancelled(kit);
      const refused = await codeOf(graph.invoke({}, { threadId: kit.thread() }));
      return { refused, end: seen(await graph.invoke({}, { threadId: kit.thread(), abandon: true })) };
    },
  },
  {
    id: 'cancel/before-start',
    behaviour: 'a run whose signal is aborted already runs no node',
    expected: { error: 'CAIRN_RUN_CANCELLED', ran: 0 },
    async run({ saver, thread }) {
      let ran = 0;
      const graph = new StateGraph(Story)
        .addNode('a', () => {
          ran += 1;
          return {};
        })
        .addEdge(START, 'a')
        .addEdge('a', END)
        .compile({ saver });
      return { error: await codeOf(graph.invoke({}, { threadId: thread(), signal: AbortSignal.abort() })), ran };
    },
  },
  {
    id: 'cancel/siblings-kept',
    behaviour: 'nodes that had finished beside a cancelled one do not run again',
    expected: { ran: ['quick', 'slow', 'slow'], end: 'completed: quick slow' },
    async run({ saver, thread }) {
      const controller = new AbortController();
      const ran: string[] = [];
      const graph = new StateGraph(Story)
        .addNode('quick', () => {
          ran.push('quick');
          return { log: ['quick'] };
        })
        .addNode('slow', async (_state, { signal }) => {
          ran.push('slow');
          if (!controller.signal.aborted) {
            const isAlone = async () => (await graph.getState({ threadId: thread() })).next.join() === 'slow';
            while (!(await isAlone())) await new Promise((resolve) => setTimeout(resolve, 5));
            controller.abort();
            signal.throwIfAborted();
          }
          return { log: ['slow'] };
        })
        .addEdge(START, 'quick')
        .addEdge(START, 'slow')
        .addEdge('quick', END)
        .addEdge('slow', END)
        .compile({ saver });
      await codeOf(graph.invoke({}, { threadId: thread(), signal: controller.signal }));
      return { end: seen(await graph.resume({ threadId: thread() })), ran };
    },
  },
  {
    id: 'cancel/leave-a-stream',
    behaviour: 'a reader that leaves a stream cancels the run, which can be resumed',
    expected: { status: 'interrupted', next: ['b'], end: 'completed: a b' },
    async run(kit) {
      const on = { hangs: true };
      const graph = hanging(kit, on);
      for await (const _event of graph.stream({}, { threadId: kit.thread(), mode: 'updates' })) break;
      const { status, next } = await graph.getState({ threadId: kit.thread() });
      on.hangs = false;
      return { status, next, end: seen(await graph.resume({ threadId: kit.thread() })) };
    },
  },
  {
    id: 'cancel/busy',
    beyond: true,
    behaviour: 'a second run on a thread that is running is refused, or waits its turn',
    expected: { refused: 'CAIRN_THREAD_BUSY', waited: 'completed: a b a b' },
    async run(kit) {
      const controller = new AbortController();
      const reached = Promise.withResolvers<void>();
      const on = { hangs: true, reached: reached.resolve };
      const graph = hanging(kit, on);
      const threadId = kit.thread();
      const first = codeOf(graph.invoke({}, { threadId, signal: controller.signal }));
      await reached.promise;
      const refused = await codeOf(graph.invoke({}, { threadId }));
      const waiting = graph.resume({ threadId, onBusy: 'wait' });
      on.hangs = false;
      controller.abort();
      await first;
      await waiting;
      return { refused, waited: seen(await graph.invoke({}, { threadId, onBusy: 'wait' })) };
    },
  },
  {
    id: 'cancel/replace',
    beyond: true,
    behaviour: 'a new message can take the place of a run that is still answering the last one',
    expected: { first: 'CAIRN_LEASE_LOST', second: 'completed: a a b' },
    async run(kit) {
      const reached = Promise.withResolvers<void>();
      const on = { hangs: true, reached: reached.resolve };
      const graph = hanging(kit, on);
      const first = codeOf(graph.invoke({}, { threadId: kit.thread() }));
      await reached.promise;
      on.hangs = false;
      const second = seen(await graph.invoke({}, { threadId: kit.thread(), onBusy: 'replace' }));
      return { first: await first, second };
    },
  },
  {
    id: 'cancel/drain',
    beyond: true,
    behaviour: 'a program that must stop lets its runs finish their superstep and leaves threads that resume',
    expected: { run: 'CAIRN_RUN_DRAINED', next: ['b'], end: 'completed: a b' },
    async run(kit) {
      const { saver, thread } = kit;
      const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const graph = new StateGraph(Story)
        .addNode('a', async () => {
          begun.resolve();
          await go.promise;
          return { log: ['a'] };
        })
        .addNode('b', says('b'))
        .addEdge(START, 'a')
        .addEdge('a', 'b')
        .addEdge('b', END)
        .compile({ saver });
      const run = codeOf(graph.invoke({}, { threadId: thread() }));
      await begun.promise;
      const drained = graph.drain();
      go.resolve();
      await drained;
      const later = hanging(kit, { hangs: false });
      const { next } = await later.getState({ threadId: thread() });
      return { run: await run, next, end: seen(await later.resume({ threadId: thread() })) };
    },
  },
];
