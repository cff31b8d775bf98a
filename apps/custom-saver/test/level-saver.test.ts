/** What the suite can't know: how LevelDB itself fails, and what becomes of it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Checkpointer } from '@cairn/checkpoint-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LevelSaver } from '../src/index.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'level-saver-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('LevelSaver', () => {
  it('says that another process has the database, and goes on once that has ended', async () => {
    const holder = fork(fileURLToPath(new URL('fixtures/hold.mjs', import.meta.url)), [folder]);
    await once(holder, 'message');
    await using saver = new LevelSaver(folder);
    await expect(saver.setup()).rejects.toMatchObject({
      code: 'CAIRN_SAVER_UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('open in another process') as string,
    });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await saver.setup();
  });

  it('says what is wrong with a path that can be no database', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, 'not a folder');
    await using saver = new LevelSaver(file);
    await expect(saver.setup()).rejects.toMatchObject({
      code: 'CAIRN_SAVER_UNAVAILABLE',
      message: expect.stringContaining(file) as string,
    });
  });

  it('opens again while the last saver of the same path closes', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const [first, second] = [new LevelSaver(folder), new LevelSaver(folder)];
      await new Checkpointer({ saver: first }).save({ threadId: `t${round}`, values: { round } });
      const closing = first.close();
      const loaded = await new Checkpointer({ saver: second }).load({ threadId: `t${round}` });
      expect(loaded?.values).toEqual({ round });
      await Promise.all([closing, second.close()]);
    }
  });
});
