/** What supersteps store, in bytes. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { defineState, END, list, reduce, START, StateGraph, value } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { expect, it } from 'vitest';
import { temporaryFolder } from './fixtures/stores.js';

const Chat = defineState({
  name: 'chat',
  version: 1,
  channels: {
    messages: list<string>(),
    turns: reduce(0, (sum: number, more: number) => sum + more),
    library: value<readonly string[]>([]),
  },
});

const chat = (turns: number) =>
  new StateGraph(Chat)
    .addNode('turn', (state) => ({ messages: [`${state.turns}`.padEnd(1_000, 'x')], turns: 1 }))
    .addEdge(START, 'turn')
    .addConditionalEdges('turn', (state) => (state.turns < turns ? 'turn' : END), ['turn', END]);

it('a thousand supersteps that append 1 KB make a file of at most 3.4 MB', async () => {
  const path = join(temporaryFolder(), 'chat.db');
  const saver = new SqliteSaver({ path, synchronous: 'normal' });
  const run = await chat(1_000).compile({ saver }).invoke({}, { threadId: 't', maxSupersteps: 1_001 });
  await saver.close();
  expect(statSync(path).size).toBeLessThanOrEqual(3_400_000);
  const reopened = new SqliteSaver(path);
  expect((await chat(1_000).compile({ saver: reopened }).getState({ threadId: 't' })).values).toEqual(run.values);
  await reopened.close();
}, 60_000);

it('a channel of 10 MB that nobody touches adds nothing to a superstep', async () => {
  const stored = async (library: readonly string[]): Promise<number> => {
    const saver = new MemorySaver();
    await chat(20).compile({ saver }).invoke({ library }, { threadId: 't' });
    const size = saver.dump().reduce((sum, row) => sum + ('bytes' in row ? row.bytes.length : 0), 0);
    await saver.close();
    return size;
  };
  const large = Array.from({ length: 10_000 }, (_, i) => `${i}`.padEnd(1_000, 'x'));
  const [without, beside] = [await stored([]), await stored(large)];
  expect(beside - without).toBeLessThan(10_100_000);
});
