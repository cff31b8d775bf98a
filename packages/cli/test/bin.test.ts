/** The bin itself, as its own process: pipes, files, and a disk that is full. Needs the package built. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Checkpointer, exportThreads, importThreads } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cairn-bin-'));
const pathOf = (name: string) => join(folder, name);
const source = pathOf('source.db');

beforeAll(async () => {
  await using saver = new SqliteSaver(source);
  const checkpointer = new Checkpointer({ saver });
  for (const threadId of ['a', 'line \u2028 paragraph \u2029']) {
    for (let round = 0; round < 20; round += 1)
      await checkpointer.save({ threadId, values: { round, bytes: randomBytes(20_000) } });
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

function cairn(...args: string[]) {
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 });
}

/** Ends with the process's exit code, and what it wrote to its standard error. */
async function end(child: ChildProcess) {
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = await once(child, 'close');
  return { code, err };
}

async function linesIn(path: string): Promise<string[]> {
  await using saver = new SqliteSaver(path);
  return await all(exportThreads(saver));
}

describe('the bin', { timeout: 60_000 }, () => {
  it('exports into a pipe that it imports from, and every row is equal', async () => {
    const [from, to] = [
      spawn(process.execPath, [main, 'export', `sqlite:${source}`]),
      spawn(process.execPath, [main, 'import', `sqlite:${pathOf('piped.db')}`]),
    ];
    from.stdout.pipe(to.stdin);
    to.stdout.resume();
    expect(await Promise.all([end(from), end(to)])).toEqual([
      { code: 0, err: '' },
      { code: 0, err: '' },
    ]);
    expect(await linesIn(pathOf('piped.db'))).toEqual(await linesIn(source));
  });

  it('exports into a file that it imports from, and every row is equal', async () => {
    const file = pathOf('export.jsonl');
    expect(cairn('export', `sqlite:${source}`, '--out', file)).toMatchObject({ status: 0, stderr: '' });
    expect(cairn('import', `sqlite:${pathOf('filed.db')}`, file)).toMatchObject({ status: 0, stderr: '' });
    expect(await linesIn(pathOf('filed.db'))).toEqual(await linesIn(source));
  });

  it('imports a file whose lines end as on Windows and hold what other writers leave as it is', async () => {
    const raw = (await linesIn(source)).map((line) =>
      line.replaceAll(String.raw`\u2028`, '\u2028').replaceAll(String.raw`\u2029`, '\u2029'),
    );
    expect(raw.join('')).toContain('\u2028');
    writeFileSync(pathOf('raw.jsonl'), raw.join('\r\n'));
    expect(cairn('import', `sqlite:${pathOf('raw.db')}`, pathOf('raw.jsonl'))).toMatchObject({ status: 0 });
    expect(await linesIn(pathOf('raw.db'))).toEqual(await linesIn(source));
  });

  it('ends without a word when nobody reads on', async () => {
    const child = spawn(process.execPath, [main, 'export', `sqlite:${source}`]);
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await end(child)).toEqual({ code: 141, err: '' });
  });

  it('ends an import that fails, though the pipe that it reads stays open', async () => {
    const child = spawn(process.execPath, [main, 'import', `sqlite:${pathOf('none.db')}`]);
    child.stdout.resume();
    child.stdin.write('no export\n');
    expect(await end(child)).toMatchObject({ code: 1, err: expect.stringContaining('CAIRN_INVALID_EXPORT') });
  });

  it('fails when the disk has no place for the last bytes of an export', async () => {
    const [saver, full] = [await exportEndingBehindBlock(), pathOf('full.jsonl')];
    await using store = new SqliteSaver(pathOf('full.db'));
    await importThreads(store, exportThreads(saver));
    const size = (await all(exportThreads(saver))).join('\n').length + 1;
    // The shell counts in blocks of 512 bytes; what is behind them the system does not write, and says so by a short count.
    const limited = ['-c', `ulimit -f ${Math.floor(size / 512)} && exec "$0" "$@"`, process.execPath, main];
    const { status, stderr } = spawnSync('sh', [...limited, 'export', `sqlite:${pathOf('full.db')}`, '--out', full], {
      encoding: 'utf8',
    });
    expect(statSync(full).size).toBe(size - (size % 512));
    expect(readFileSync(full, 'utf8')).toMatch(/\n\{"cairn":"end"[^\n]*$/);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('EFBIG') });
  });
});

/** A store whose export's last line, and nothing before it, goes over the end of a block of 512 bytes. */
async function exportEndingBehindBlock(): Promise<MemorySaver> {
  for (let more = 0; ; more += 3) {
    const saver = new MemorySaver();
    await new Checkpointer({ saver }).save({ threadId: 't', values: { bytes: randomBytes(100_000 + more) } });
    const lines = await all(exportThreads(saver));
    const rest = (lines.join('\n').length + 1) % 512;
    if (rest > 0 && rest < (lines.at(-1)?.length ?? 0)) return saver;
  }
}
