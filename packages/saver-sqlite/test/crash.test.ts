import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { commitAfter } from './fixtures/commits.mjs';
import { collect } from './fixtures/outcomes.js';
import { startChild } from './fixtures/processes.js';
import { temporaryFile } from './fixtures/temporary-file.js';

const stream = { threadId: 'thread', namespace: [] };

describe('a process killed at a crash point', { timeout: 60_000 }, () => {
  const moments = [
    'put-before',
    'put-inside',
    'put-after',
    'put-writes-before',
    'put-writes-inside',
    'put-writes-after',
  ];
  for (const moment of moments) {
    it(`leaves the stream as it was or as committed: sqlite:${moment}`, async () => {
      const file = temporaryFile();
      const child = startChild('advanceAlways', file, 0, { CAIRN_CRASH_AT: `sqlite:${moment}#5` });
      const { signal, lines } = await child.ended;
      expect(signal).toBe('SIGKILL');
      const acknowledged = lines.length;

      const saver = new SqliteSaver(file);
      const head = await saver.get(stream);
      const isCommitted = moment === 'put-after';
      expect(head?.head.seq).toBe(acknowledged + (isCommitted ? 1 : 0));
      expect(head?.records.map(({ seq }) => seq)).toEqual([head?.head.seq]);
      const isWritePending = moment === 'put-writes-after' || moment === 'put-before' || moment === 'put-inside';
      expect(head?.writes).toHaveLength(isWritePending ? 1 : 0);
      await expectClean(saver, file);

      await saver.put(commitAfter(head?.header, { ...stream, consumes: 'all' }));
      await expectClean(saver, file);
      await saver.close();
    });
  }

  it('by the outside, at no particular moment, loses nothing that was acknowledged', async () => {
    for (let round = 0; round < 5; round += 1) {
      const file = temporaryFile();
      const child = startChild('advanceAlways', file);
      await new Promise<void>((resolve) => {
        child.process.stdout.on('data', () => child.lines.length > 20 + round * 7 && resolve());
      });
      child.process.kill('SIGKILL');
      const { lines } = await child.ended;
      const saver = new SqliteSaver(file);
      expect((await saver.get(stream))?.head.seq).toBeGreaterThanOrEqual(lines.length);
      await expectClean(saver, file);
      await saver.close();
    }
  });

  for (const moment of ['prune-before', 'prune-inside', 'prune-after']) {
    it(`in a prune leaves no record that nothing needs: sqlite:${moment}`, async () => {
      const file = temporaryFile();
      const saver = new SqliteSaver(file);
      let last = commitAfter(undefined);
      await saver.put(last);
      for (let i = 0; i < 9; i += 1) {
        last = commitAfter(last);
        await saver.put(last);
      }
      const child = startChild('prune', file, 3, { CAIRN_CRASH_AT: `sqlite:${moment}` });
      expect((await child.ended).signal).toBe('SIGKILL');
      const headers = await collect(saver.list(stream));
      expect(headers).toHaveLength(moment === 'prune-after' ? 3 : 10);
      await expectClean(saver, file);
      await saver.close();
    });
  }
});

/** The file is whole, the thread's count is right, and each record is needed by a checkpoint. */
async function expectClean(saver: SqliteSaver, file: string): Promise<void> {
  const database = new BetterSqlite3(file);
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  database.close();
  const rows = await collect(saver.scan('thread'));
  const [thread] = rows;
  if (thread === undefined) return;
  const counted = rows.filter(({ kind }) => kind === 'checkpoint' || kind === 'record' || kind === 'write');
  expect(thread).toMatchObject({ kind: 'thread', rowCount: counted.length });
  const versions = new Set(
    rows.flatMap((row) =>
      row.kind === 'checkpoint' ? row.channels.map(({ channel, seq }) => `${channel} ${seq}`) : [],
    ),
  );
  for (const row of rows) if (row.kind === 'record') expect(versions).toContain(`${row.channel} ${row.seq}`);
}
