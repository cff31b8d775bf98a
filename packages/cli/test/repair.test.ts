/** What a damaged file means to the person who looks after it: verify, the plan, the repair, and the run that goes on. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { SqliteSaver } from '@cairn/saver-sqlite';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli, type Terminal } from '../src/index.js';

let folder: string;
let path: string;
let effects: string[];

const Research = defineState({ name: 'research', version: 1, channels: { notes: list<string>(), ok: value(false) } });
const Desk = defineState({ name: 'desk', version: 1, channels: { messages: list<string>() } });

/** Two supersteps, then a sub-graph that does a step and asks a person. */
function desk(saver: SqliteSaver) {
  const research = new StateGraph(Research)
    .addNode('look', () => ({ notes: ['looked'] }))
    .addNode('ask', async (_, ctx) => {
      await ctx.step('lookup', () => effects.push('lookup'));
      return { ok: (await ctx.interrupt({ ask: 'Go on?' })) as boolean, notes: ['asked'] };
    })
    .addEdge(START, 'look')
    .addEdge('look', 'ask')
    .addEdge('ask', END)
    .compile({});
  return new StateGraph(Desk)
    .addNode('first', () => ({ messages: ['first'] }))
    .addNode('second', () => ({ messages: ['second'] }))
    .addNode('research', research, { input: () => ({}), output: ({ notes }) => ({ messages: notes }) })
    .addEdge(START, 'first')
    .addEdge('first', 'second')
    .addEdge('second', 'research')
    .addEdge('research', END)
    .compile({ saver });
}

/** Runs a command; a person answers where there is one, and may take their time. */
async function cairn(args: readonly string[], answer?: string, meanwhile = () => {}) {
  let [out, err] = ['', ''];
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isInteractive: answer !== undefined,
    ask: async () => {
      meanwhile();
      return answer ?? '';
    },
    input: async function* () {},
  };
  return { code: await runCli(args, terminal), out, err };
}

function damage(sql: string): void {
  const database = new Database(path);
  expect(database.prepare(sql).run().changes).toBeGreaterThan(0);
  database.close();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-repair-'));
  path = join(folder, 'desk.db');
  effects = [];
  await using saver = new SqliteSaver(path);
  await desk(saver).invoke({}, { threadId: 'order-17' });
  await desk(saver).invoke({}, { threadId: 'order-18' });
});

afterEach(() => rmSync(folder, { recursive: true }));

/** The root's last checkpoint, of the superstep that has called the sub-graph. */
const rootHead = `thread_id = 'order-17' AND namespace = '[]' AND seq = (
  SELECT max(seq) FROM cairn_checkpoints WHERE thread_id = 'order-17' AND namespace = '[]')`;

it('verify --repair shows the plan, does it after a yes, and the interrupted run goes on', async () => {
  const file = join(folder, 'quarantine.jsonl');
  damage(`UPDATE cairn_checkpoints SET bytes = zeroblob(length(bytes)) WHERE ${rootHead}`);
  const store = `sqlite:${path}`;
  expect((await cairn(['verify', store])).code).toBe(1);

  const plan = await cairn(['verify', store, '--repair', file]);
  expect(plan.code).toBe(1);
  expect(plan.out).toMatch(/order-17 +planned +checkpoint .*its bytes are no record of Cairn/);
  expect(plan.out).toMatch(/order-17 would go on from .* \(seq 2\), not from .* \(seq 3\)\./);
  expect(plan.out).toMatch(/Nothing was changed\. With --yes one thread would be repaired so/);
  expect((await cairn(['verify', store, '--repair', file], 'n')).out).toMatch(/Nothing was changed\./);
  expect(existsSync(file)).toBe(false);

  const done = await cairn(['verify', store, '--repair', file], 'y');
  expect(done).toMatchObject({ code: 0, err: '' });
  expect(done.out).toMatch(/order-17 is repaired; what it was is in .*quarantine\.jsonl, lines 2 to \d+\./);
  expect(readFileSync(file, 'utf8')).toMatch(/^\{"cairn":"export","version":1\}\n[^]*"cairn":"end","threads":1,/);
  expect((await cairn(['verify', store])).out).toBe('All is whole.\n');
  expect(await cairn(['verify', store, '--repair', file])).toMatchObject({ code: 2 });

  await using saver = new SqliteSaver(path);
  const graph = desk(saver);
  const [abandoned] = await all(graph.listThreads());
  expect(abandoned).toMatchObject({ threadId: 'order-17', status: 'abandoned' });
  const again = await graph.resume({ threadId: 'order-17' });
  expect(again.status).toBe('interrupted');
  const finished = await graph.resume({ threadId: 'order-17', answer: true });
  expect(finished.values).toEqual({ messages: ['first', 'second', 'looked', 'asked'] });
  const untouched = await graph.resume({ threadId: 'order-18', answer: true });
  expect(untouched.values).toEqual(finished.values);
});

it('verify --repair mends what was shown and agreed to, and nothing that was damaged since', async () => {
  const args = ['verify', `sqlite:${path}`, '--repair', join(folder, 'q.jsonl')];
  const lose = (threadId: string) =>
    damage(`DELETE FROM cairn_checkpoints WHERE ${rootHead.replaceAll('order-17', threadId)}`);
  lose('order-17');
  expect(await cairn(args, 'y', () => lose('order-18'))).toMatchObject({ code: 0 });
  const { out } = await cairn(['verify', `sqlite:${path}`, '--json']);
  const faulty = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).thread);
  expect(new Set(faulty)).toEqual(new Set(['order-18']));
});

it("a sub-graph's damaged head is mended alone, and the root waits where it did", async () => {
  damage(
    `UPDATE cairn_checkpoints SET bytes = zeroblob(9) WHERE thread_id = 'order-17' AND namespace <> '[]' AND seq = 2`,
  );
  const { code, err } = await cairn([
    'verify',
    `sqlite:${path}`,
    '--repair',
    join(folder, 'q.jsonl'),
    '--yes',
    '--json',
  ]);
  expect({ code, err: err.replaceAll(/lines.*/g, '') }).toMatchObject({ code: 0 });
  expect((await cairn(['verify', `sqlite:${path}`])).code).toBe(0);
  await using saver = new SqliteSaver(path);
  const graph = desk(saver);
  expect((await graph.resume({ threadId: 'order-17' })).status).toBe('interrupted');
  const { values } = await graph.resume({ threadId: 'order-17', answer: true });
  expect(values).toEqual({ messages: ['first', 'second', 'looked', 'asked'] });
});

it("a finished root goes back to before its sub-graph's damaged checkpoint, which it pins", async () => {
  await using saver = new SqliteSaver(path);
  await desk(saver).resume({ threadId: 'order-17', answer: true });
  damage(`UPDATE cairn_checkpoints SET bytes = zeroblob(9) WHERE thread_id = 'order-17' AND namespace <> '[]' AND seq = (
    SELECT max(seq) FROM cairn_checkpoints WHERE thread_id = 'order-17' AND namespace <> '[]')`);
  const args = ['verify', `sqlite:${path}`, '--repair', join(folder, 'q.jsonl'), '--yes'];
  const { code, out } = await cairn(args);
  expect(out).toMatch(/checkpoint .* of its sub-graph .* is not whole: The header of checkpoint/);
  expect(code).toBe(0);
  expect((await cairn(['verify', `sqlite:${path}`])).code).toBe(0);
  const graph = desk(saver);
  const state = await graph.getState({ threadId: 'order-17' });
  expect(state?.next).toEqual(['research']);
  await graph.resume({ threadId: 'order-17' });
  const { values } = await graph.resume({ threadId: 'order-17', answer: true });
  expect(values).toEqual({ messages: ['first', 'second', 'looked', 'asked'] });
});

it('salvage shows the last good checkpoint, and copies what is good into a thread that goes on', async () => {
  damage(`DELETE FROM cairn_checkpoints WHERE ${rootHead}`);
  const store = `sqlite:${path}`;
  expect(await cairn(['show', store, 'order-17'])).toMatchObject({ code: 1 });
  const shown = await cairn(['salvage', store, 'order-17', '--json']);
  expect(shown.code).toBe(0);
  expect(JSON.parse(shown.out)).toMatchObject({ seq: 2, values: { messages: ['first'] }, missingRows: 1 });
  const copied = await cairn(['salvage', store, 'order-17', 'order-17-saved']);
  expect(copied).toMatchObject({
    code: 0,
    out: expect.stringMatching(/Thread order-17-saved is what of order-17 is whole/),
  });
  expect((await cairn(['verify', store, 'order-17-saved'])).code).toBe(0);
  expect((await cairn(['verify', store, 'order-17'])).code).toBe(1);
  await using saver = new SqliteSaver(path);
  expect((await desk(saver).resume({ threadId: 'order-17-saved' })).status).toBe('interrupted');
  expect((await cairn(['salvage', store, 'nobody'])).err).toMatch(/CAIRN_THREAD_NOT_FOUND/);
});

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
