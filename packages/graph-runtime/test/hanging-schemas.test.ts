/** Schemas that never answer: a run that is cancelled, or a node that is out of time, does not wait for them. */
import { runInNewContext } from 'node:vm';
import {
  type CompiledGraph,
  defineInterrupt,
  defineState,
  END,
  list,
  type Schema,
  START,
  StateGraph,
  value,
} from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';

const threadId = 't';

/** A schema of texts that answers later, or never: for `hang`, and while it is told to. */
function slow() {
  const entered = Promise.withResolvers<void>();
  const validate = async (text: unknown) => {
    if (text === 'hang') {
      entered.resolve();
      await new Promise(() => undefined);
    }
    return typeof text === 'string' ? { value: text } : { issues: [{ message: 'It is no text.' }] };
  };
  const schema: Schema<string> = { '~standard': { version: 1, vendor: 'test', validate } };
  return { schema, entered: entered.promise };
}

/** Cancels a call once its schema has been asked. */
async function cancelled(entered: Promise<void>, call: (signal: AbortSignal) => Promise<unknown>) {
  const cancel = new AbortController();
  const outcome = errorOf(call(cancel.signal));
  await entered;
  cancel.abort();
  return outcome;
}

const logging = (schema: Schema<string>, version = 1) =>
  defineState({
    name: 'log',
    version,
    channels: { log: list(schema), last: value('', schema) },
    migrations: version === 2 ? { 2: (old) => ({ ...old, last: 'hang' }) } : {},
  });

function returning(schema: Schema<string>, text: () => string, timeoutMs?: number) {
  return new StateGraph(logging(schema))
    .addNode('a', () => ({ last: text() }), timeoutMs === undefined ? {} : { timeoutMs })
    .addEdge(START, 'a')
    .addEdge('a', END);
}

function noting(schema: Schema<string>, version: number) {
  return new StateGraph(logging(schema, version))
    .addNode('note', () => undefined)
    .addEdge(START, 'note')
    .addEdge('note', END);
}

describe('a schema that never answers', () => {
  const CANCELLED = 'CAIRN_RUN_CANCELLED';

  it('ends with the run that it is to check the input of, and nothing is stored', async () => {
    const { schema, entered } = slow();
    const graph = returning(schema, () => 'done').compile({ saver: new MemorySaver() });
    const error = await cancelled(entered, (signal) => graph.invoke({ log: ['hang'] }, { threadId, signal }));
    expect(error).toMatchObject({ code: CANCELLED, threadId });
    expect(await errorOf(graph.getState({ threadId }))).toMatchObject({ code: 'CAIRN_THREAD_NOT_FOUND' });
    expect((await graph.invoke({ log: ['ok'] }, { threadId })).values).toEqual({ log: ['ok'], last: 'done' });
  });

  it('ends with the run in which a node returned what it is to check', async () => {
    const { schema, entered } = slow();
    let text = 'hang';
    const graph = returning(schema, () => text).compile({ saver: new MemorySaver() });
    const error = await cancelled(entered, (signal) => graph.invoke({}, { threadId, signal }));
    expect(error).toMatchObject({ code: CANCELLED });
    text = 'done';
    expect((await graph.resume({ threadId })).values.last).toBe('done');
  });

  it('counts to the time of the node that returned what it is to check', async () => {
    const { schema } = slow();
    const graph = returning(schema, () => 'hang', 20).compile({ saver: new MemorySaver() });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({
      code: 'CAIRN_NODE_FAILED',
      cause: { code: 'CAIRN_NODE_TIMEOUT' },
    });
  });

  it('ends with the run that called a sub-graph with what it is to check', async () => {
    const { schema, entered } = slow();
    let text = 'hang';
    const child = returning(schema, () => 'done').compile();
    const graph = returning(slow().schema, () => 'unused')
      .addNode('call', async (_state, ctx) => ({ last: (await ctx.call(child, { log: [text] })).last }))
      .addEdge('a', 'call')
      .addEdge('call', END)
      .compile({ saver: new MemorySaver() });
    const error = await cancelled(entered, (signal) => graph.invoke({}, { threadId, signal }));
    expect(error).toMatchObject({ code: CANCELLED });
    text = 'ok';
    expect((await graph.resume({ threadId })).values.last).toBe('done');
  });

  it('ends with the run that asked or was answered what it is to check', async () => {
    const { schema, entered } = slow();
    const answered = slow();
    let text = 'hang';
    const Question = defineInterrupt({ name: 'question', payload: schema, answer: answered.schema });
    const graph = new StateGraph(logging(slow().schema))
      .addNode('ask', async (_state, ctx) => ({ last: await ctx.interrupt(Question, text) }))
      .addEdge(START, 'ask')
      .addEdge('ask', END)
      .compile({ saver: new MemorySaver() });
    const asking = await cancelled(entered, (signal) => graph.invoke({}, { threadId, signal }));
    expect(asking).toMatchObject({ code: CANCELLED });
    text = '?';
    expect((await graph.resume({ threadId })).interrupts).toMatchObject([{ payload: '?' }]);
    const answering = await cancelled(answered.entered, (signal) => graph.resume({ threadId, answer: 'hang', signal }));
    expect(answering).toMatchObject({ code: CANCELLED });
    expect((await graph.getState({ threadId })).interrupts).toHaveLength(1);
    expect((await graph.resume({ threadId, answer: 'yes' })).values.last).toBe('yes');
  });

  it('ends with the run that is to go on from a migrated state, as root and as sub-graph', async () => {
    const saver = new MemorySaver();
    const { schema } = slow();
    const asking = (version: number, own: Schema<string>) =>
      new StateGraph(logging(own, version))
        .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('?'))] }))
        .addEdge(START, 'ask')
        .addEdge('ask', END);
    const outer = (child: CompiledGraph<ReturnType<typeof logging>['channels'], 'ask'>) =>
      new StateGraph(defineState({ name: 'outer', version: 1, channels: { log: list<string>() } }))
        .addNode('child', child, { input: () => ({}), output: ({ log }) => ({ log }) })
        .addEdge(START, 'child')
        .addEdge('child', END)
        .compile({ saver });
    await asking(1, schema).compile({ saver }).invoke({}, { threadId });
    await outer(asking(1, schema).compile()).invoke({}, { threadId: 'nested' });
    const alone = (own: Schema<string>) => {
      const graph = asking(2, own).compile({ saver });
      return {
        resume: (signal: AbortSignal) => graph.resume({ threadId, answer: 'yes', signal }),
        update: (signal: AbortSignal) => graph.updateState({ threadId }, { log: ['more'] }, { signal }),
      };
    };
    const nested = (own: Schema<string>) => {
      const graph = outer(asking(2, own).compile());
      return {
        resume: (signal: AbortSignal) => graph.resume({ threadId: 'nested', answer: 'yes', signal }),
        update: (signal: AbortSignal) => graph.updateState({ threadId: 'nested' }, { log: ['more'] }, { signal }),
      };
    };
    for (const open of [alone, nested]) {
      const resuming = slow();
      expect(await cancelled(resuming.entered, open(resuming.schema).resume)).toMatchObject({ code: CANCELLED });
      // Its lease is given back.
      const updating = slow();
      expect(await cancelled(updating.entered, open(updating.schema).update)).toMatchObject({ code: CANCELLED });
    }
  });

  it('ends with the call that goes on with what a sub-graph remembers, migrated', async () => {
    const saver = new MemorySaver();
    const remembering = (version: number, schema: Schema<string>) =>
      new StateGraph(defineState({ name: 'outer', version: 1, channels: { last: value('') } }))
        .addNode('child', noting(schema, version).compile(), {
          input: () => ({ log: ['more'] }),
          output: ({ log }) => ({ last: log.join() }),
          remembers: true,
        })
        .addEdge(START, 'child')
        .addEdge('child', END)
        .compile({ saver });
    await remembering(1, slow().schema).invoke({}, { threadId });
    const { schema, entered } = slow();
    const calling = remembering(2, schema);
    expect(await cancelled(entered, (signal) => calling.invoke({}, { threadId, signal }))).toMatchObject({
      code: CANCELLED,
      threadId,
    });
    // Its lease is given back, and the call goes on with what was remembered once the schema answers.
    const { values } = await remembering(1, slow().schema).resume({ threadId });
    expect(values.last).toBe('more,more');
  });

  it('ends with the fork, into this thread or into another, that it is to check the state of', async () => {
    const saver = new MemorySaver();
    await noting(slow().schema, 1)
      .compile({ saver })
      .invoke({ log: ['ok'] }, { threadId });
    for (const to of [undefined, 'other']) {
      const { schema, entered } = slow();
      const graph = noting(schema, 2).compile({ saver });
      const branching = (signal: AbortSignal) => graph.fork({ threadId, ...(to !== undefined && { to }), signal });
      expect(await cancelled(entered, branching)).toMatchObject({ code: CANCELLED, threadId });
      const listed: string[] = [];
      for await (const thread of graph.listThreads()) listed.push(`${thread.threadId} ${thread.seq}`);
      expect(listed).toEqual([`${threadId} 2`]);
    }
  });

  it('ends with the change from outside that it is to check', async () => {
    const { schema, entered } = slow();
    const graph = returning(schema, () => 'done').compile({ saver: new MemorySaver() });
    await graph.invoke({}, { threadId });
    const error = await cancelled(entered, (signal) => graph.updateState({ threadId }, { last: 'hang' }, { signal }));
    expect(error).toMatchObject({ code: CANCELLED });
    expect((await graph.getState({ threadId })).values.last).toBe('done');
  });
});

it('a schema that answers with a promise of another realm is waited for', async () => {
  const later = runInNewContext('(result) => Promise.resolve(result)') as <T>(result: T) => Promise<T>;
  const refusing: Schema<string> = {
    '~standard': { version: 1, vendor: 'test', validate: () => later({ issues: [{ message: 'Never.' }] }) },
  };
  const graph = returning(refusing, () => 'done').compile({ saver: new MemorySaver() });
  expect(await errorOf(graph.invoke({ last: 'x' }, { threadId }))).toMatchObject({ code: 'CAIRN_INVALID_UPDATE' });
});

it('nodes, schemas and routes are waited for also where a program has put a class of its own in the place of Promise', async () => {
  const { Promise: built } = globalThis;
  // As zone.js does: what an async function returns is no instance of it.
  globalThis.Promise = class Own<T> extends built<T> {};
  try {
    const checked: Schema<string> = {
      '~standard': { version: 1, vendor: 'test', validate: async (value) => ({ value: `${value}!` }) },
    };
    const State = defineState({ name: 'own', version: 1, channels: { last: value('', checked) } });
    const graph = new StateGraph(State)
      .addNode('say', async () => [{ last: 'first' }, { last: 'done' }])
      .addEdge(START, 'say')
      .addConditionalEdges('say', async () => END, [END])
      .compile({ saver: new MemorySaver() });
    expect((await graph.invoke({ last: 'in' }, { threadId })).values).toEqual({ last: 'done!' });
  } finally {
    globalThis.Promise = built;
  }
});
