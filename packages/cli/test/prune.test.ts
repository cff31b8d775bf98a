/** `cairn prune` and `cairn expire` on a real file: what they ask, say and exit with, and what is left. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checkpointer } from '@cairn/checkpoint-core';
import { SqliteSaver } from '@cairn/saver-sqlite';
import Database from 'better-sqlite3';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { runCli, type Terminal } from '../src/index.js';

const hour = 3_600_000;
let path: string;
let store: string;

/** What a person answers is `answer`; where it is undefined there is no person. */
async function cairn(args: readonly string[], answer?: string) {
  const said = { out: '', err: '', asked: '' };
  const terminal: Terminal = {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    isInteractive: answer !== undefined,
    ask: async (question) => {
      said.asked += question;
      return answer ?? '';
    },
    input: async function* () {},
  };
  return { code: await runCli(args, terminal), ...said };
}

async function seqs(threadId: string): Promise<unknown[]> {
  const { out } = await cairn(['history', store, threadId, '--json']);
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { seq: number }).seq);
}

/** Two threads of six checkpoints: the first old but for its last two, the second all new. */
beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-prune-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  path = join(folder, 'desk.db');
  store = `sqlite:${path}`;
  const saver = new SqliteSaver(path);
  for (const [threadId, isOld] of [
    ['a', true],
    ['b', false],
  ] as const) {
    for (let total = 1; total <= 6; total += 1) {
      const now = Date.now() - (isOld && total <= 4 ? 50 * hour : 2 * hour);
      await new Checkpointer({ saver, clock: { now: () => now } }).save({ threadId, values: { total } });
    }
  }
  await saver.close();
});

it('drops what no rule keeps, once it was told to', async () => {
  const rules = ['--keep-last', '1', '--older-than', '2d'];
  expect(await cairn(['prune', store, ...rules])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  const foreseen = await cairn(['prune', store, ...rules, '--dry-run', '--json']);
  const report = { checkpoints: 4, threads: 2, damaged: [] };
  expect(JSON.parse(foreseen.out)).toMatchObject({ ...report, dryRun: true });
  const refused = await cairn(['prune', store, ...rules], 'n');
  expect(refused).toMatchObject({ code: 0, out: 'Nothing was dropped.\n' });
  expect(refused.asked).toMatch(/^Dropping 4 checkpoints, .* can't be undone\. Go on\?/);
  expect(await seqs('a')).toEqual([6, 5, 4, 3, 2, 1]);

  const { code, out } = await cairn(['prune', store, ...rules, '--yes', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({ ...(JSON.parse(foreseen.out) as object), dryRun: false });
  expect([await seqs('a'), await seqs('b')]).toEqual([
    [6, 5],
    [6, 5, 4, 3, 2, 1],
  ]);
  const said = await cairn(['prune', store, '--thread', 'b', '--keep-last', '2'], 'y');
  expect(said).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Dropped 4 checkpoints, .* of 1 thread, \d+ bytes/),
  });
  expect(said.err).toContain('4 checkpoints would go');
  expect([await seqs('a'), await seqs('b')]).toEqual([
    [6, 5],
    [6, 5],
  ]);
  expect(await cairn(['verify', store])).toMatchObject({ code: 0 });
});

it('passes over a damaged thread, names it, and exits with 1', async () => {
  const db = new Database(path);
  db.exec("UPDATE cairn_checkpoints SET bytes = zeroblob(length(bytes)) WHERE thread_id = 'a' AND seq = 3");
  db.close();
  const { code, out } = await cairn(['prune', store, '--keep-last', '1', '--yes']);
  expect({ code, out }).toMatchObject({ code: 1, out: expect.stringMatching(/Dropped 5 .*\n.*cairn verify\): a\n/) });
  expect(await cairn(['prune', store, '--thread', 'a', '--keep-last', '1', '--yes'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('CAIRN_CORRUPT_CHECKPOINT'),
  });
});

it('lists the threads around a damaged one, names it, and exits with 1', async () => {
  const db = new Database(path);
  db.exec("UPDATE cairn_checkpoints SET bytes = zeroblob(length(bytes)) WHERE thread_id = 'a' AND seq = 6");
  db.close();
  const { code, out } = await cairn(['threads', store]);
  expect({ code, out }).toMatchObject({ code: 1, out: expect.stringMatching(/\nb .*\n.*\(see cairn verify\): a\n/) });
  const lines = await cairn(['threads', store, '--json']);
  expect(lines).toMatchObject({ code: 1, err: expect.stringContaining('(see cairn verify): a') });
  expect(JSON.parse(lines.out)).toMatchObject({ thread: 'b' });
});

it('asks a module for its own retention where no rule is given, and refuses where there is none', async () => {
  const module = join(path, '..', 'store.mjs');
  const entry = (name: string) => JSON.stringify(new URL(`../../${name}/dist/index.js`, import.meta.url).href);
  const write = (options: string) =>
    writeFileSync(
      module,
      [
        `import { Checkpointer } from ${entry('checkpoint-core')};`,
        `import { SqliteSaver } from ${entry('saver-sqlite')};`,
        `export default () => new Checkpointer({ saver: new SqliteSaver(${JSON.stringify(path)})${options} });`,
      ].join('\n'),
    );
  write(', retention: { keepLast: 3 }');
  expect(await cairn(['prune', module, '--yes'])).toMatchObject({ code: 0 });
  expect(await seqs('b')).toEqual([6, 5, 4]);
  const usage = { code: 2, err: expect.stringContaining('--keep-last') };
  expect(await cairn(['prune', store, '--yes'])).toMatchObject(usage);
  expect(await cairn(['prune', store, '--yes', '--keep-last', '0'])).toMatchObject(usage);
  expect(await cairn(['prune', store, '--yes', '--older-than', '3w'])).toMatchObject({ code: 2 });
  expect((await cairn(['prune', '--help'])).out).toContain(
    'cairn prune sqlite:desk.db --keep-last 10 --older-than 30d',
  );
});

it('removes whole threads that nobody used for long', async () => {
  const saver = new SqliteSaver(path);
  const past = new Checkpointer({ saver, clock: { now: () => Date.now() - 100 * hour } });
  await past.save({ threadId: 'c', values: { total: 1 }, metadata: { user: 'u1' } });
  await past.save({ threadId: 'd', values: { total: 1 } });
  await saver.acquireLease('d', { holder: 'somebody', ttlMs: 60_000 });
  await saver.close();

  const command = ['expire', store, '--older-than', '4d'];
  expect(await cairn(['expire', store, '--yes'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('--older-than'),
  });
  expect(await cairn(command)).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  const listed = await cairn([...command, '--dry-run', '--json']);
  expect(listed).toMatchObject({
    code: 0,
    out: '{"thread":"c"}\n{"thread":"d"}\n',
    err: '2 threads would be removed.\n',
  });
  expect(await cairn(command, 'n')).toMatchObject({ code: 0, out: 'Nothing was removed.\n' });
  expect(await cairn([...command, '--filter', 'user=u2', '--yes'])).toMatchObject({
    out: 'Removed 0 threads; 0 left, as in use.\n',
  });
  expect(await cairn([...command, '--yes'])).toMatchObject({
    code: 0,
    out: 'Removed 1 thread; 1 left, as in use.\n',
  });
  const left = (await cairn(['threads', store, '--json'])).out;
  expect(left.match(/"thread":"."/g)).toEqual(['"thread":"a"', '"thread":"b"', '"thread":"d"']);
});
