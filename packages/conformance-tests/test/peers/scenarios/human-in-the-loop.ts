/** Human in the loop: a node asks, the thread waits on disk, an answer brings it on. */
import { Command, END, START, StateGraph } from '@cairn/graph-runtime';
import { asking } from './asking.js';
import type { Kit, Scenario } from './scenario.js';
import { Story, says, seen, states } from './story.js';

/** Two nodes side by side that ask, and one that does not. */
function askingTwice({ saver }: Kit, ran: string[] = []) {
  return new StateGraph(Story)
    .addNode('ann', async (_state, ctx) => {
      ran.push('ann');
      return { log: [`ann ${await ctx.interrupt('ann?')}`] };
    })
    .addNode('bob', async (_state, ctx) => {
      ran.push('bob');
      return { log: [`bob ${await ctx.interrupt('bob?')}`] };
    })
    .addNode('quiet', () => {
      ran.push('quiet');
      return { log: ['quiet'] };
    })
    .addEdge(START, 'ann')
    .addEdge(START, 'bob')
    .addEdge(START, 'quiet')
    .addEdge('ann', END)
    .addEdge('bob', END)
    .addEdge('quiet', END)
    .compile({ saver });
}

export const humanInTheLoop: readonly Scenario[] = [
  {
    id: 'human/asks',
    behaviour: 'an interrupt stops the run and hands its payload to the caller; the node is still to run',
    expected: { status: 'interrupted', payloads: [{ question: 'Send it?' }], next: ['ask'] },
    async run(kit) {
      const { status, interrupts } = await asking(kit).invoke({}, { threadId: kit.thread() });
      const { next } = await asking(kit).getState({ threadId: kit.thread() });
      return { status, payloads: interrupts.map(({ payload }) => payload), next };
    },
  },
  {
    id: 'human/answer',
    behaviour: 'the answer is what the interrupt returns, and the run goes on to its end',
    expected: ['> ask', 'yes >'],
    async run(kit) {
      await asking(kit).invoke({}, { threadId: kit.thread() });
      await asking(kit).resume({ threadId: kit.thread(), answer: 'yes' });
      return states(asking(kit), kit.thread());
    },
  },
  {
    id: 'human/runs-from-beginning',
    behaviour: 'a node that was answered runs again from its beginning',
    expected: ['ask', 'ask'],
    async run(kit) {
      const ran: string[] = [];
      const graph = asking(kit, ran);
      await graph.invoke({}, { threadId: kit.thread() });
      await graph.resume({ threadId: kit.thread(), answer: 'yes' });
      return ran;
    },
  },
  {
    id: 'human/seen-later',
    behaviour: 'whoever reads the thread later sees the open question, and none once it is answered',
    expected: { open: [{ question: 'Send it?' }], left: [] },
    async run(kit) {
      const graph = asking(kit);
      const payloads = async () =>
        (await graph.getState({ threadId: kit.thread() })).interrupts.map(({ payload }) => payload);
      await graph.invoke({}, { threadId: kit.thread() });
      const open = await payloads();
      await graph.resume({ threadId: kit.thread(), answer: 'yes' });
      return { open, left: await payloads() };
    },
  },
  {
    id: 'human/in-order',
    behaviour: 'several interrupts of one node are asked one after the other, and each gets its own answer',
    expected: { asked: ['name?', 'age?'], end: 'completed: Ann 7' },
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('form', async (_state, ctx) => {
          const name = await ctx.interrupt('name?');
          return { log: [`${name} ${await ctx.interrupt('age?')}`] };
        })
        .addEdge(START, 'form')
        .addEdge('form', END)
        .compile({ saver });
      const first = await graph.invoke({}, { threadId: thread() });
      const second = await graph.resume({ threadId: thread(), answer: 'Ann' });
      const asked = [...first.interrupts, ...second.interrupts].map(({ payload }) => payload);
      return { asked, end: seen(await graph.resume({ threadId: thread(), answer: 7 })) };
    },
  },
  {
    id: 'human/parallel-questions',
    behaviour: 'questions of parallel nodes come at once, under ids of their own, and are answered by id in one call',
    expected: { asked: ['ann?', 'bob?'], ids: 2, end: 'completed: ann 1 bob 2 quiet' },
    async run(kit) {
      const graph = askingTwice(kit);
      const { interrupts } = await graph.invoke({}, { threadId: kit.thread() });
      const answers = Object.fromEntries(interrupts.map(({ id }, index) => [id, index + 1]));
      const end = seen(await graph.resume({ threadId: kit.thread(), answers }));
      return { asked: interrupts.map(({ payload }) => payload), ids: Object.keys(answers).length, end };
    },
  },
  {
    id: 'human/one-of-two',
    behaviour: 'of two open questions one can be answered; the other stays open, and only unfinished nodes run again',
    expected: { left: ['bob?'], ran: ['ann', 'bob', 'quiet', 'ann'], end: 'completed: ann 1 bob 2 quiet' },
    async run(kit) {
      const ran: string[] = [];
      const graph = askingTwice(kit, ran);
      const { interrupts } = await graph.invoke({}, { threadId: kit.thread() });
      const ann = interrupts.find(({ node }) => node === 'ann')?.id ?? '';
      const then = await graph.resume({ threadId: kit.thread(), answers: { [ann]: 1 } });
      const ranThen = [...ran];
      const end = seen(await graph.resume({ threadId: kit.thread(), answer: 2 }));
      return { left: then.interrupts.map(({ payload }) => payload), ran: ranThen, end };
    },
  },
  {
    id: 'human/sibling-not-again',
    behaviour: 'a node that finished beside one that asks does not run again with the answer',
    expected: 1,
    async run(kit) {
      const ran: string[] = [];
      const graph = askingTwice(kit, ran);
      const { interrupts } = await graph.invoke({}, { threadId: kit.thread() });
      const answers = Object.fromEntries(interrupts.map(({ id }) => [id, 'ok']));
      await graph.resume({ threadId: kit.thread(), answers });
      return ran.filter((node) => node === 'quiet').length;
    },
  },
  {
    id: 'human/stable-id',
    behaviour: 'a question keeps its id while its node runs again and asks the same',
    expected: true,
    async run(kit) {
      const graph = askingTwice(kit);
      const first = await graph.invoke({}, { threadId: kit.thread() });
      const [ann, bob] = first.interrupts;
      const second = await graph.resume({ threadId: kit.thread(), answers: { [ann?.id ?? '']: 1 } });
      return second.interrupts[0]?.id === bob?.id;
    },
  },
  {
    id: 'human/approve-or-reject',
    behaviour: 'an answer decides by a command where the run goes on',
    expected: { approved: 'completed: sent', rejected: 'completed: dropped' },
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode(
          'approve',
          async (_state, ctx) => new Command({ goto: (await ctx.interrupt('ok?')) === true ? 'send' : 'drop' }),
          { ends: ['send', 'drop'] },
        )
        .addNode('send', says('sent'))
        .addNode('drop', says('dropped'))
        .addEdge(START, 'approve')
        .addEdge('send', END)
        .addEdge('drop', END)
        .compile({ saver });
      const ends: string[] = [];
      for (const answer of [true, false]) {
        const threadId = thread(String(answer));
        await graph.invoke({}, { threadId });
        ends.push(seen(await graph.resume({ threadId, answer })));
      }
      return { approved: ends[0], rejected: ends[1] };
    },
  },
  {
    id: 'human/review-and-edit',
    behaviour: 'a person edits what the graph made before it goes on',
    expected: { shown: { text: 'rough' }, topic: 'polished' },
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('review', async ({ topic }, ctx) => ({ topic: String(await ctx.interrupt({ text: topic })) }))
        .addEdge(START, 'review')
        .addEdge('review', END)
        .compile({ saver });
      const { interrupts } = await graph.invoke({ topic: 'rough' }, { threadId: thread() });
      const { values } = await graph.resume({ threadId: thread(), answer: 'polished' });
      return { shown: interrupts[0]?.payload, topic: values.topic };
    },
  },
  {
    id: 'human/ask-until-valid',
    behaviour: 'a node asks again in a loop until the answer will do',
    expected: { asked: ['age?', 'not old: age?', 'not -1: age?'], total: 30 },
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('form', async (_state, ctx) => {
          let question = 'age?';
          for (;;) {
            const age = await ctx.interrupt(question);
            if (typeof age === 'number' && age > 0) return { total: age };
            question = `not ${age}: age?`;
          }
        })
        .addEdge(START, 'form')
        .addEdge('form', END)
        .compile({ saver });
      let run = await graph.invoke({}, { threadId: thread() });
      const asked: unknown[] = [];
      for (const answer of ['old', -1, 30]) {
        asked.push(run.interrupts[0]?.payload);
        run = await graph.resume({ threadId: thread(), answer });
      }
      return { asked, total: run.values.total };
    },
  },
  {
    id: 'human/step-before-question',
    behaviour: 'a recorded effect before a question happens once, though the node runs again with the answer',
    expected: { effects: 1, end: 'completed: looked up, yes' },
    async run({ saver, thread }) {
      let effects = 0;
      const graph = new StateGraph(Story)
        .addNode('ask', async (_state, ctx) => {
          const found = await ctx.step('look', () => {
            effects += 1;
            return 'looked up';
          });
          return { log: [`${found}, ${await ctx.interrupt('ok?')}`] };
        })
        .addEdge(START, 'ask')
        .addEdge('ask', END)
        .compile({ saver });
      await graph.invoke({}, { threadId: thread() });
      return { end: seen(await graph.resume({ threadId: thread(), answer: 'yes' })), effects };
    },
  },
];
