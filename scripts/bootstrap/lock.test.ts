import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.mjs';

const module = new URL('./lock.mjs', import.meta.url).href;

describe('withLock', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cairn-lock-'));
    file = join(folder, 'lock');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('lets one process work at a time', async () => {
    const log = join(folder, 'log');
    const script = `
      import { appendFileSync } from 'node:fs';
      import { setTimeout } from 'node:timers/promises';
      import { withLock } from '${module}';
      await withLock(${JSON.stringify(file)}, async () => {
        appendFileSync(${JSON.stringify(log)}, 'in ');
        await setTimeout(50);
        appendFileSync(${JSON.stringify(log)}, 'out ');
      });`;
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module', '--eval', script]),
    );
    expect(await Promise.all(children.map((child) => once(child, 'close')))).toEqual(children.map(() => [0, null]));
    expect(readFileSync(log, 'utf8')).toBe('in out '.repeat(4));
  });

  it('is free again after the work has failed', async () => {
    await expect(withLock(file, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(existsSync(file)).toBe(false);
  });

  it('takes over from a process that is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(file, String(pid));
    expect(await withLock(file, async () => 'done')).toBe('done');
  });

  it('takes over a lock that is older than any set-up', async () => {
    writeFileSync(file, String(process.pid));
    const longAgo = new Date(Date.now() - 60 * 60_000);
    utimesSync(file, longAgo, longAgo);
    expect(await withLock(file, async () => 'done')).toBe('done');
  });
});
