/** The command line on real stores: what a person and a program get to read, and the exit codes. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { SqliteSaver } from '@cairn/saver-sqlite';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, type Terminal } from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'cairn-cli-'));
const path = join(folder, 'desk.db');
const store = `sqlite:${path}`;

/** Runs a command; what a person answers is `answer`, and where it is undefined there is no person. */
async function cairn(args: readonly string[], { answer, input = [] }: { answer?: string; input?: string[] } = {}) {
  let [out, err] = ['', ''];
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isInteractive: answer !== undefined,
    ask: async () => answer ?? '',
    input: async function* () {
      yield* input;
    },
  };
  const code = await runCli(args, terminal);
  return { code, out, err };
}

async function json(args: readonly string[]): Promise<Record<string, unknown>[]> {
  const { code, out, err } = await cairn([...args, '--json']);
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

beforeAll(async () => {
  const Desk = defineState({
    name: 'desk',
    version: 1,
    channels: { messages: list<string>(), approved: value<boolean | null>(null) },
  });
  const graph = new StateGraph(Desk)
    .addNode('classify', () => ({ messages: ['a refund is asked for'] }))
    .addNode('approve', async (_, ctx) => ({ approved: (await ctx.interrupt({ ask: 'Refund?' })) as boolean }))
    .addEdge(START, 'classify')
    .addEdge('classify', 'approve')
    .addEdge('approve', END);
  const saver = new SqliteSaver(path);
  const compiled = graph.compile({ saver });
  await compiled.invoke({}, { threadId: 'order-17', metadata: { user: 'u1' } });
  await compiled.invoke({}, { threadId: 'order-18', metadata: { user: 'u2' } });
  await compiled.resume({ threadId: 'order-18', answer: true });
  await saver.close();
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('cairn', () => {
  it('lists threads as a table, and as JSON for programs', async () => {
    const { code, out } = await cairn(['threads', store]);
    expect(code).toBe(0);
    expect(out).toMatch(/thread +status +seq +created +updated +metadata/);
    expect(out).toMatch(/order-17 +interrupted +2 .*{"user":"u1"}/);
    expect(await json(['threads', store, '--status', 'completed'])).toMatchObject([{ thread: 'order-18' }]);
    expect(await json(['threads', store, '--filter', 'user=u1'])).toMatchObject([{ thread: 'order-17' }]);
    expect(await json(['threads', store, '--older-than', '1'])).toEqual([]);
    expect((await cairn(['threads', store, '--older-than', '1'])).out).toBe('No threads.\n');
  });

  it('shows the history and one checkpoint, and what differs', async () => {
    const history = await json(['history', store, 'order-18']);
    expect(history.map(({ source }) => source)).toEqual(['superstep', 'superstep', 'input']);
    const [, asked, first] = history;
    expect(await json(['history', store, 'order-18', '--limit', '1'])).toHaveLength(1);
    const [head] = await json(['show', store, 'order-18']);
    expect(head).toMatchObject({
      status: 'completed',
      values: { messages: ['a refund is asked for'], approved: true },
    });
    const [past] = await json(['show', store, 'order-18', '--checkpoint', String(first?.checkpoint)]);
    expect(past).toMatchObject({ seq: 1, tasks: [{ node: 'classify' }] });
    expect(await json(['diff', store, 'order-18', String(asked?.checkpoint)])).toMatchObject([{ channel: 'approved' }]);
    expect((await cairn(['show', store, 'order-18'])).out).toContain("messages: [ 'a refund is asked for' ]");
  });

  it('forks a thread, and deletes one after asking', async () => {
    const [, asked] = await json(['history', store, 'order-18']);
    await cairn(['fork', store, 'order-18', String(asked?.checkpoint), 'order-19']);
    expect(await json(['show', store, 'order-19'])).toMatchObject([{ seq: 2, values: { approved: null } }]);
    expect(await cairn(['delete', store, 'order-19'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--yes'),
    });
    expect(await cairn(['delete', store, 'order-19'], { answer: 'n' })).toMatchObject({ code: 0 });
    expect(await json(['threads', store])).toHaveLength(3);
    expect(await cairn(['delete', store, 'order-19'], { answer: 'y' })).toMatchObject({
      code: 0,
      out: 'One thread is gone.\n',
    });
    expect(await json(['threads', store])).toHaveLength(2);
  });

  it('says of a thread that is not there that there is none, and deletes those that are', async () => {
    expect(await cairn(['delete', store, 'nobody', '--yes'])).toMatchObject({
      code: 1,
      out: 'There is no thread nobody.\n',
    });
    const [, asked] = await json(['history', store, 'order-18']);
    await cairn(['fork', store, 'order-18', String(asked?.checkpoint), 'order-20']);
    expect(await cairn(['delete', store, 'nobody', 'order-20', '--yes'])).toMatchObject({
      code: 1,
      out: 'There is no thread nobody.\nOne thread is gone.\n',
    });
    expect(await json(['threads', store])).toHaveLength(2);
  });

  it('says what takes the space', async () => {
    const stats = await json(['stats', store]);
    expect(stats).toContainEqual(expect.objectContaining({ thread: 'order-17', what: 'channel messages', rows: 2 }));
    expect(new Set((await json(['stats', store, '--top', '1'])).map(({ thread }) => thread)).size).toBe(1);
  });

  it('says that it waits for a store which is away, and in the end for how long it has tried', async () => {
    const away = join(folder, 'away.mjs');
    const entry = new URL('../../saver-postgres/dist/index.js', import.meta.url);
    const lines = [
      `import { PostgresSaver } from ${JSON.stringify(entry.href)};`,
      // Nobody listens there.
      "const connectionString = 'postgresql://u@127.0.0.1:1/db';",
      // However long the pauses come out, one attempt after the first second is not the last.
      'export default () => new PostgresSaver({ connectionString, retryForMs: 4_500 });',
    ];
    writeFileSync(away, lines.join('\n'));
    const { code, err } = await cairn(['threads', away]);
    expect(code).toBe(1);
    const [waiting, error, ...more] = err.split('\n');
    expect(waiting).toMatch(/^waiting for the store, for 5 s in all: .*ECONNREFUSED/);
    expect(error).toMatch(/^error: .*ECONNREFUSED.* It was tried \d+ times in \d\.\d s .*\(CAIRN_SAVER_UNAVAILABLE\)$/);
    expect(more).toEqual(['']);
  });

  it('exports to a file and imports it into another store, once', async () => {
    const [file, copy] = [join(folder, 'desk.jsonl'), `sqlite:${join(folder, 'copy.db')}`];
    expect(await cairn(['export', store, '--out', file])).toMatchObject({ code: 0 });
    expect(await cairn(['import', copy, file])).toMatchObject({ code: 0, out: expect.stringContaining('2 threads') });
    expect((await cairn(['export', copy])).out).toBe(readFileSync(file, 'utf8'));
    expect(await json(['show', copy, 'order-17'])).toEqual(await json(['show', store, 'order-17']));
    expect(await cairn(['import', copy, file])).toMatchObject({ code: 1, err: expect.stringContaining('order-17') });
    const again = await cairn(['import', copy, '--existing', 'skip'], {
      input: readFileSync(file, 'utf8').split('\n'),
    });
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('2 left out, as there already') });
    expect(await cairn(['export', store, '--out', file])).toMatchObject({ code: 1 });
  });

  it('finds a store whole, and exits with 1 when it is not', async () => {
    expect(await cairn(['verify', store])).toMatchObject({ code: 0, out: 'All is whole.\n' });
    const damaged = join(folder, 'damaged.db');
    await cairn(['export', store, '--out', join(folder, 'whole.jsonl')]);
    await cairn(['import', `sqlite:${damaged}`, join(folder, 'whole.jsonl')]);
    const db = new Database(damaged);
    db.exec("DELETE FROM cairn_records WHERE thread_id = 'order-17' AND channel = 'messages' AND seq = 2");
    db.close();
    const { code, out } = await cairn(['verify', `sqlite:${damaged}`, '--json']);
    expect(code).toBe(1);
    expect(out).toContain('"thread":"order-17"');
    expect(await cairn(['verify', `sqlite:${damaged}`, 'order-18'])).toMatchObject({ code: 0 });
  });

  it('takes any other saver from a module', async () => {
    const module = join(folder, 'store.mjs');
    const entry = new URL('../../saver-sqlite/dist/index.js', import.meta.url);
    const lines = [
      `import { SqliteSaver } from ${JSON.stringify(entry.href)};`,
      `export default () => new SqliteSaver(${JSON.stringify(path)});`,
    ];
    writeFileSync(module, lines.join('\n'));
    expect(await json(['threads', module])).toHaveLength(2);
    writeFileSync(join(folder, 'none.mjs'), 'export default 7;');
    expect(await cairn(['threads', join(folder, 'none.mjs')])).toMatchObject({ code: 2 });
  });

  it('makes tables only where it is asked to', async () => {
    const absent = join(folder, 'absent.db');
    expect(await cairn(['threads', `sqlite:${absent}`])).toMatchObject({
      code: 2,
      err: expect.stringContaining('absent.db'),
    });
    expect(existsSync(absent)).toBe(false);
    expect(await cairn(['migrate', `sqlite:${absent}`])).toMatchObject({ code: 0 });
    expect(await json(['threads', `sqlite:${absent}`])).toEqual([]);
  });

  it('says which version it is', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await cairn(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it('teaches, and says in one line what is used wrongly', async () => {
    const help = await cairn(['--help']);
    expect(help).toMatchObject({ code: 0 });
    expect(help.out).toContain('cairn threads sqlite:desk.db --status interrupted');
    for (const args of [
      ['nonsense'],
      ['threads'],
      ['threads', 'desk'],
      ['threads', store, '--limit', 'x'],
      ['history', store],
    ]) {
      expect(await cairn(args)).toMatchObject({ code: 2, err: expect.stringMatching(/^error: .*\n$|^error/) });
    }
    expect(await cairn(['show', store, 'nobody'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('CAIRN_THREAD_NOT_FOUND'),
    });
  });
});
