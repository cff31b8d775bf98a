/** The command line on an encrypted store: with its keys it reads all, without them it says what it lacks and shows nothing. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checkpointer, type EncryptionOptions } from '@cairn/checkpoint-core';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../src/index.js';

const canary = 'canary-77aa';
const [march, june, index] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const encryption: EncryptionOptions = { keys: { march }, current: 'march', indexKey: index };

let folder: string;
let store: string;
let keys: string;

async function cairn(...args: string[]) {
  let [out, err] = ['', ''];
  const code = await runCli(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isInteractive: false,
    ask: async () => '',
    input: async function* () {},
  });
  return { code, out, err };
}

/** A module of keys, as a user writes one: functions that get them. */
function keyModule(name: string, ring: Record<string, Buffer>, current: string): string {
  const path = join(folder, name);
  const text = Object.entries(ring).map(
    ([id, key]) => `${id}: async () => Buffer.from('${key.toString('hex')}', 'hex')`,
  );
  const indexKey = `Buffer.from('${index.toString('hex')}', 'hex')`;
  writeFileSync(
    path,
    `export default () => ({ keys: { ${text.join(', ')} }, current: '${current}', indexKey: ${indexKey} });`,
  );
  return path;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-cli-keys-'));
  store = `sqlite:${join(folder, 'desk.db')}`;
  keys = keyModule('keys.mjs', { march }, 'march');
  await using saver = new SqliteSaver(join(folder, 'desk.db'));
  const checkpointer = new Checkpointer({ saver, encryption });
  const first = await checkpointer.save({ threadId: 't', values: { notes: [canary] }, metadata: { user: canary } });
  await checkpointer.save({
    threadId: 't',
    values: { notes: [canary, `${canary} again`] },
    metadata: { user: canary },
  });
  writeFileSync(join(folder, 'first'), first.checkpointId);
  return () => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  };
});

const first = () => readFileSync(join(folder, 'first'), 'utf8');

describe('cairn, on an encrypted store', () => {
  it('reads all of it with --keys, and with CAIRN_KEYS', async () => {
    const shows = async () => {
      expect((await cairn('show', store, 't', ...named)).out).toContain(`${canary} again`);
      expect((await cairn('diff', store, 't', first(), ...named)).out).toContain(canary);
      expect((await cairn('history', store, 't', ...named)).out).toContain(first());
      const found = await cairn('threads', store, '--filter', `user=${canary}`, '--json', ...named);
      expect(JSON.parse(found.out)).toMatchObject({ thread: 't' });
      expect(await cairn('verify', store, ...named)).toMatchObject({ code: 0, out: 'All is whole.\n' });
      expect((await cairn('prune', store, '--keep-last', '1', '--dry-run', ...named)).out).toContain('1 checkpoint,');
    };
    let named = ['--keys', keys];
    await shows();
    vi.stubEnv('CAIRN_KEYS', keys);
    named = [];
    await shows();
  });

  it('names the key and the remedy without it, shows nothing, and does without it what needs no value', async () => {
    const refused = [
      ['show', store, 't'],
      ['diff', store, 't', first()],
      ['history', store, 't'],
      ['threads', store],
      ['prune', store, '--keep-last', '1', '--yes'],
    ];
    const other = keyModule('other.mjs', { june }, 'june');
    for (const args of [...refused, ...refused.map((each) => [...each, '--keys', other])]) {
      const { code, out, err } = await cairn(...args);
      expect({ args, code, out }).toEqual({ args, code: 1, out: '' });
      expect(err).toMatch(/the key "march".* --keys <module>, or CAIRN_KEYS\. \(CAIRN_UNKNOWN_KEY\)/);
    }
    const verified = await cairn('verify', store);
    expect(verified.code).toBe(1);
    expect(verified.out).toMatch(/want a key: .*--keys/);
    for (const args of [
      ['stats', store],
      ['export', store],
      ['fork', store, 't', first(), 'copy'],
      ['migrate', store],
    ]) {
      const { code, out, err } = await cairn(...args);
      expect({ args, code, err }).toEqual({ args, code: 0, err: '' });
      expect(out).not.toContain(canary);
    }
  });

  it('refuses a wrong key under the right id, and what is no key ring', async () => {
    const wrong = keyModule('wrong.mjs', { march: june }, 'march');
    expect((await cairn('show', store, 't', '--keys', wrong)).err).toContain('(CAIRN_CORRUPT_CHECKPOINT)');
    const none = join(folder, 'none.mjs');
    writeFileSync(none, 'export default { keys: 7 };');
    for (const path of [none, join(folder, 'missing.mjs')]) {
      expect(await cairn('show', store, 't', '--keys', path)).toMatchObject({ code: 2, out: '' });
    }
    const short = keyModule('short.mjs', { march: Buffer.alloc(3) }, 'march');
    expect((await cairn('show', store, 't', '--keys', short)).err).toContain('(CAIRN_KEY_UNAVAILABLE)');
    const own = join(folder, 'own.mjs');
    const module = JSON.stringify(import.meta.resolve('@cairn/saver-memory'));
    const core = JSON.stringify(import.meta.resolve('@cairn/checkpoint-core'));
    writeFileSync(
      own,
      `import { MemorySaver } from ${module}; import { Checkpointer } from ${core};
      export default () => new Checkpointer({ saver: new MemorySaver() });`,
    );
    expect(await cairn('stats', own, '--keys', keys)).toMatchObject({ code: 2 });
    vi.stubEnv('CAIRN_KEYS', keys);
    expect(await cairn('stats', own)).toMatchObject({ code: 0 });
  });

  it('threads leaves out those whose key could not be fetched, and says which and why', async () => {
    await using saver = new SqliteSaver(join(folder, 'desk.db'));
    const both = { ...encryption, keys: { march, june }, current: 'june' };
    await new Checkpointer({ saver, encryption: both }).save({ threadId: 'u', values: {}, metadata: { user: 'ann' } });
    const path = join(folder, 'away.mjs');
    const asBytes = (key: Buffer) => `Buffer.from('${key.toString('hex')}', 'hex')`;
    writeFileSync(
      path,
      `const march = () => Promise.reject(new Error('away'));
      export default { keys: { march, june: ${asBytes(june)} }, current: 'june', indexKey: ${asBytes(index)} };`,
    );
    const listed = await cairn('threads', store, '--json', '--keys', path);
    expect(listed.code).toBe(1);
    expect(JSON.parse(listed.out)).toMatchObject({ thread: 'u', metadata: { user: 'ann' } });
    expect(listed.err).toBe(
      'Left out: t. The encryption key "march" could not be fetched: its function failed. Try again once its key service answers.\n',
    );
  });

  it('rotates: reencrypt writes all under the new key, and a second run nothing', async () => {
    const both = keyModule('both.mjs', { march, june }, 'june');
    const run = async () => JSON.parse((await cairn('reencrypt', store, '--keys', both, '--json')).out) as object;
    const first = await run();
    expect(first).toMatchObject({ threads: 1, rows: 4, rewritten: 4 });
    expect(await run()).toEqual({ ...first, rewritten: 0 });
    const onlyNew = keyModule('new.mjs', { june }, 'june');
    expect((await cairn('show', store, 't', '--keys', onlyNew)).out).toContain(`${canary} again`);
    expect(await cairn('reencrypt', store)).toMatchObject({ code: 2, out: '' });
  });
});
