/**
 * A process of a version that knew records in `records` only, and goes on after the tables have been migrated. What it asks for by its
 * own statements, which are repeated here, fails before anything is written: it would see half of the records.
 */
import { type CheckpointCommit, RecordReach } from '@cairn/checkpoint-core';
import type { TestDatabase } from '@cairn/local-postgres';
import { beforeEach, expect, it } from 'vitest';
import { bytesOf, commitAfter } from './fixtures/commits.mjs';
import { collect } from './fixtures/outcomes.js';
import { asAdmin, createStore, open } from './fixtures/stores.js';

const head = { threadId: 'thread', namespace: [] };

let store: TestDatabase;
let saver: ReturnType<typeof open>;
/** The first's record is in `records`; those of the others rest on it, each in its checkpoint's row. */
let commits: CheckpointCommit[];

beforeEach(async () => {
  store = await createStore();
  saver = open(store);
  commits = [];
  for (let seq = 1; seq <= 3; seq += 1) {
    const other = { channel: 'other', seq: 1, restsOn: [], bytes: bytesOf('other') };
    const records = [{ channel: 'messages', seq, restsOn: seq === 1 ? [] : [1], bytes: bytesOf(`value ${seq}`) }];
    const commit = commitAfter(commits.at(-1), {
      records: seq === 1 ? [...records, other] : records,
      channels: [
        { channel: 'messages', seq },
        { channel: 'other', seq: 1 },
      ],
    });
    await saver.put(commit);
    commits.push(commit);
  }
});

type Row = Record<string, unknown>;

/** Counts what the checkpoints need, and drops all but the head with what that leaves free. */
async function pruneAsBefore(query: (sql: string, values?: unknown[]) => Promise<Row[]>): Promise<unknown> {
  const reach = new RecordReach();
  const of = ['thread', '[]'];
  const records = await query(
    'SELECT channel, seq::int, rests_on::int[] FROM @schema.records WHERE thread_id = $1 AND namespace = $2',
    of,
  );
  for (const { channel, seq, rests_on } of records)
    reach.addRecord({ channel: String(channel), seq: Number(seq) }, rests_on as number[]);
  const checkpoints = await query(
    'SELECT seq::int, checkpoint_id, channels FROM @schema.checkpoints WHERE thread_id = $1 AND namespace = $2 ORDER BY seq',
    of,
  );
  const channelsOf = ({ channels }: Row) =>
    (channels as [string, number][]).map(([channel, seq]) => ({ channel, seq }));
  for (const row of checkpoints) reach.addCheckpoint(channelsOf(row));
  const dropped = checkpoints.slice(0, -1);
  const freed = dropped.flatMap((row) => reach.dropCheckpoint(channelsOf(row)));
  const [thread] = await query('SELECT prune_mark FROM @schema.threads WHERE thread_id = $1', ['thread']);
  return query('SELECT * FROM @schema.prune($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    ...of,
    thread?.['prune_mark'],
    'mark',
    checkpoints.length,
    dropped.map(({ seq }) => seq),
    dropped.map((row) => row['checkpoint_id']),
    freed.map(({ channel }) => channel),
    freed.map(({ seq }) => seq),
  ]);
}

const columns = 'c.seq, c.checkpoint_id, c.parent_id, c.created_at, c.status, c.digest, c.tokens, c.channels, c.bytes';

/** What an older version's methods send first of what concerns checkpoints. Its commits call `put` by `SELECT`, with other parameters. */
const statements: readonly (readonly [what: string, code: string, sql: string])[] = [
  ['listing and scanning', '42703', `SELECT ${columns} FROM @schema.checkpoints AS c WHERE c.thread_id = 'thread'`],
  [
    'restoring',
    '42703',
    `
    INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens, channels, bytes)
    VALUES ('restored', '[]', 1, 'id', NULL, 0, 'done', '', '{}', '[]', '')
    ON CONFLICT (thread_id, namespace, seq) DO UPDATE SET bytes = excluded.bytes`,
  ],
  [
    'committing',
    '42809',
    `SELECT @schema.put('new', '[]', 1::bigint, 'id', NULL, 0::float8, 'done', '', '{}'::text[], '[]'::json, 'new', NULL,
    '{}'::text[], '{}'::json, '{}'::text[], ARRAY[0], ''::bytea)`,
  ],
];

it('its prune drops nothing, though what it counted leaves free what others rest on', async () => {
  const [before, rows] = [await saver.get(head), await collect(saver.scan())];
  await expect(asAdmin(store, pruneAsBefore)).rejects.toMatchObject({ code: '42883' });
  expect(await collect(saver.scan())).toEqual(rows);
  expect(await saver.get(head)).toEqual(before);
  // By the name that it has now, and counted with every record, the same leaves the head whole.
  await saver.prune(
    head,
    commits.slice(0, -1).map(({ checkpointId }) => checkpointId),
  );
  expect(await saver.get(head)).toEqual(before);
});

it.each(statements)('%s fails, and writes nothing', async (_, code, sql) => {
  const rows = await collect(saver.scan());
  await expect(asAdmin(store, (query) => query(sql))).rejects.toMatchObject({ code });
  expect(await collect(saver.scan())).toEqual(rows);
});
