// The commands on kept files: a person looks around and answers what waits.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deskFiles } from '../src/paths.js';
import { readLedger } from '../src/provider/read-ledger.js';
import { type DeskRun, runDesk } from './fixtures/run-desk.js';

const MINUTE_MS = 60_000;
const folder = join(mkdtempSync(join(tmpdir(), 'kept-')), 'desk');
const on = (...args: string[]): Promise<DeskRun> => runDesk([...args, '--dir', folder]);
const refunds = () => readLedger(deskFiles(folder).ledger).refunds.length;
let demo: DeskRun;
let waiting: string[];

beforeAll(async () => {
  demo = await runDesk(['--keep', folder, '--kills', '1', '--seed', '5']);
  waiting = [...(await on('list')).out.matchAll(/│ (ticket-\d+) /g)].map(([, id = '']) => id);
}, MINUTE_MS);
afterAll(() => rmSync(join(folder, '..'), { recursive: true }));

describe('a kept desk', () => {
  it('leaves three approvals to its keeper, and says how to go on', () => {
    expect(demo.code).toBe(0);
    expect(demo.figures).toMatchObject({ tickets: 325, completed: 322, 'waiting for you': 3, duplicates: 0 });
    expect(demo.out).toContain(`Kept in ${folder}`);
  });

  it('lists what waits with amount and reason, and counts the rest', async () => {
    const { out, code } = await on('list');
    expect(code).toBe(0);
    expect(waiting).toHaveLength(3);
    expect(out).toMatch(/│ ticket-\d+ +│ \S+@\S+ +│ SH-\d+ +│ €\d+\.\d\d +│ .*(limit|carrier)/);
    expect(out).toContain('322 completed, 3 interrupted');
    expect((await on('list', '--all')).out.match(/^│ ticket-/gm)).toHaveLength(325 + 3);
  });

  it("shows a thread's history: what ran and what changed", async () => {
    const { out } = await on('show', waiting[0] ?? '');
    expect(out).toMatch(/^1 {2}input/m);
    expect(out).toMatch(/\+ ticket\.id {2}"ticket-\d+"/);
    expect(out.match(/^\d+ {2}(\w+)/gm)).toEqual(['1  input', '2  classify', '3  lookup', '4  policy']);
    expect(out).toMatch(/\+ decision\.outcome {2}"ask-human"/);
    expect(out).toMatch(/Waits for an answer to: approval/);
  });

  it('refunds on a yes, once, and shows the answer afterwards', async () => {
    const before = refunds();
    const [thread = ''] = waiting;
    const yes = await on('approve', thread);
    expect(yes.out).toMatch(/refunded €\d+\.\d\d \(re_/);
    expect(refunds()).toBe(before + 1);
    const again = await on('approve', thread);
    expect(again).toMatchObject({
      code: 1,
      err: expect.stringContaining('does not wait for an answer: it is completed'),
    });
    expect(refunds()).toBe(before + 1);
    const { out } = await on('show', thread);
    expect(out).toMatch(/5 {2}approve.*asked for approval, answered true/s);
    expect(out).toMatch(/6 {2}refund.*recorded refund.*7 {2}reply/s);
    expect(out).toMatch(/Completed\./);
  });

  it('refunds nothing on a no', async () => {
    const before = refunds();
    const no = await on('approve', waiting[1] ?? '', '--no');
    expect(no).toMatchObject({ code: 0, out: expect.stringMatching(/no refund.*can't refund it/s) });
    expect(refunds()).toBe(before);
  });

  it.each([
    ['show', /There is no thread "nobody"/],
    ['approve', /nobody.*list --all/s],
  ])('%s of an unknown thread says so', async (command, message) => {
    const run = await on(command, 'nobody');
    expect(run.code).toBe(1);
    expect(run.err).toMatch(message);
    expect(run.err).not.toMatch(/\n\s+at /);
  });

  it('is not overwritten by another demo', async () => {
    expect(await runDesk(['--keep', folder])).toMatchObject({
      code: 1,
      err: expect.stringContaining('holds a desk already'),
    });
  });

  it('has to be there', async () => {
    expect(await runDesk(['list', '--dir', join(folder, 'absent')])).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no desk in'),
    });
  });

  it('says in a sentence that its file is no database', async () => {
    const spoilt = mkdtempSync(join(tmpdir(), 'spoilt-'));
    writeFileSync(deskFiles(spoilt).threads, 'just a text that somebody has put here '.repeat(50));
    const { code, err } = await runDesk(['list', '--dir', spoilt]);
    rmSync(spoilt, { recursive: true });
    expect(code).toBe(1);
    expect(err).toMatch(/^The file .*desk\.db is not an SQLite database/);
  });
});
