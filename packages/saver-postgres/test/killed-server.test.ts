/** The server killed with SIGKILL in mid-commit: after its recovery all that was acknowledged is there, and nothing is torn. */
import { randomUUID } from 'node:crypto';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import { startPostgres } from '@cairn/local-postgres';
import { PostgresSaver } from '@cairn/saver-postgres';
import { expect, it } from 'vitest';
import { batchOn, commitAfter } from './fixtures/commits.mjs';
import { asAdmin } from './fixtures/stores.js';

it('finds all that was acknowledged after the server is killed in mid-commit and recovers', {
  timeout: 60_000,
}, async () => {
  const server = await startPostgres({ own: true });
  const database = { connectionString: server.connectionString, schema: 'cairn' };
  try {
    expect(await asAdmin(database, (query) => query('SHOW fsync'))).toEqual([{ fsync: 'on' }]);
    const saver = new PostgresSaver({ connectionString: server.connectionString, maxConnections: 8 });
    await saver.setup();
    const lanes = Array.from({ length: 8 }, () => ({ threadId: randomUUID(), acknowledged: 0, isOver: false }));
    const work = lanes.map(async (lane) => {
      let head: CheckpointCommit | undefined;
      while (!lane.isOver) {
        if (head !== undefined) await saver.putWrites(batchOn(head, ['a', 'b', 'c']));
        head = commitAfter(head, { threadId: lane.threadId, consumes: 'all' });
        await saver.put(head);
        lane.acknowledged = head.seq;
      }
    });
    for (let kill = 0; kill < 3; kill += 1) {
      const begun = lanes.map(({ acknowledged }) => acknowledged);
      // Every lane has gone on since the last kill, so that this one falls in the middle of their work.
      await expect
        .poll(() => lanes.every(({ acknowledged }, i) => acknowledged > (begun[i] ?? 0) + 3), {
          timeout: 20_000,
          interval: 5,
        })
        .toBe(true);
      const known = lanes.map(({ acknowledged }) => acknowledged);
      await server.kill9();
      await server.restart();
      const reader = new PostgresSaver({ connectionString: server.connectionString, maxConnections: 1 });
      for (const [i, { threadId }] of lanes.entries()) {
        const stored = await reader.get({ threadId, namespace: [] });
        expect(stored?.head.seq, 'what was acknowledged').toBeGreaterThanOrEqual(known[i] ?? 0);
      }
      await reader.close();
    }
    for (const lane of lanes) lane.isOver = true;
    await Promise.all(work);
    for (const { threadId, acknowledged } of lanes) {
      const seqs: number[] = [];
      for await (const { seq } of saver.list({ threadId, namespace: [], order: 'asc' })) seqs.push(seq);
      expect(seqs).toEqual(Array.from({ length: acknowledged }, (_, i) => i + 1));
      let rows = 0;
      let counted = 0;
      for await (const row of saver.scan(threadId)) {
        if (row.kind === 'thread') counted = row.rowCount;
        else if (row.kind !== 'stream') rows += 1;
      }
      expect({ rows, counted }, 'whole: a header and a record each, the writes consumed').toEqual({
        rows: 2 * acknowledged,
        counted: 2 * acknowledged,
      });
    }
    await saver.close();
  } finally {
    await server.stop();
  }
});
