/** Writes rows anew where they are unchanged since they were scanned: `MaintainableSaver.replace`. */
import { type Digest, type RawRecord, rawDigest } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { rootNamespace, streamKey } from '../namespaces.js';
import { conflict } from '../refusals.js';
import { headerColumns, type RecordRow, toNumberArray } from '../rows.js';
import { inTransaction } from '../transaction.js';
import {
  type RawHeaderRow,
  type RawStreamRow,
  type RawThreadRow,
  type RawWriteRow,
  toRawCheckpoint,
  toRawRecord,
  toRawStream,
  toRawThread,
  toRawWrite,
} from './raw-rows.js';
import { storeRows } from './store-rows.js';

const lockThread = 'SELECT FROM @schema.threads WHERE thread_id = $1 FOR UPDATE';

const selectThread = `
  SELECT origin, status, created_at, updated_at, row_count FROM @schema.threads WHERE thread_id = $1 AND origin IS NOT NULL`;

const selectRootStream = 'SELECT last_seq, head_id FROM @schema.threads WHERE thread_id = $1 AND head_id IS NOT NULL';

const selectStream = 'SELECT last_seq, head_id FROM @schema.streams WHERE thread_id = $1 AND namespace = $2';

const selectCheckpoint = `
  SELECT ${headerColumns}, coalesce(t.origin, c.thread_id) AS origin
  FROM @schema.checkpoints AS c LEFT JOIN @schema.threads AS t ON t.thread_id = c.thread_id
  WHERE c.thread_id = $1 AND c.namespace = $2 AND c.seq = $3 AND c.checkpoint_id = $4`;

const selectRecord = `
  SELECT channel, seq, rests_on, record AS bytes FROM @schema.checkpoints
  WHERE thread_id = $1 AND namespace = $2 AND channel = $3 AND seq = $4
  UNION ALL
  SELECT channel, seq, rests_on, bytes FROM @schema.records
  WHERE thread_id = $1 AND namespace = $2 AND channel = $3 AND seq = $4`;

/** For a record that is kept in its checkpoint's row. */
const updateInside = `
  UPDATE @schema.checkpoints SET rests_on = $5, record = $6
  WHERE thread_id = $1 AND namespace = $2 AND channel = $3 AND seq = $4 RETURNING seq`;

const selectWrite = `
  SELECT checkpoint_id, task_id, key, digest, bytes FROM @schema.writes
  WHERE thread_id = $1 AND namespace = $2 AND checkpoint_id = $3 AND task_id = $4 AND key = $5`;

const refreshTokens = 'SELECT @schema.refresh_tokens($1)';

/** A row to write: its address, and the digest of what must be there. */
export interface Replacement {
  readonly row: RawRecord;
  readonly expected: Digest | undefined;
}

/** @param isRepeat - true when an earlier attempt may have been carried out: then rows that are as they are to be are no conflict. */
export async function replace(
  db: Connection,
  threadId: string,
  replacements: readonly Replacement[],
  isRepeat: boolean,
): Promise<void> {
  await inTransaction(db, 'replace', async () => {
    await db.all(lockThread, threadId);
    const stored = [];
    for (const { row } of replacements) stored.push(await readRaw(db, row, threadId));
    const digests = stored.map((row) => row && rawDigest(row));
    if (isRepeat && replacements.every(({ row }, i) => digests[i] === rawDigest({ ...row, threadId }))) return;
    const changed = replacements.findIndex(({ expected }, i) => digests[i] === undefined || digests[i] !== expected);
    if (changed >= 0) {
      const head = await db.get<RawStreamRow>(selectRootStream, threadId);
      const reason = `A ${replacements[changed]?.row.kind ?? 'row'} to be rewritten has changed or is gone.`;
      throw conflict(reason, { threadId, namespace: [] }, head ?? { head_id: null, last_seq: null });
    }
    const apart: RawRecord[] = [];
    for (const { row } of replacements)
      if (!(await isStoredInside(db, row, threadId))) apart.push({ ...row, threadId });
    await storeRows(db, threadId, apart);
    await db.all(refreshTokens, threadId);
  });
}

/** Stores a record that has its place in its checkpoint's row. @returns false for any other row, which is stored by itself. */
async function isStoredInside(db: Connection, row: RawRecord, threadId: string): Promise<boolean> {
  if (row.kind !== 'record') return false;
  const { namespace } = streamKey({ threadId, namespace: row.namespace });
  const values = [threadId, namespace, row.channel, row.seq, toNumberArray(row.restsOn), Buffer.from(row.bytes)];
  return (await db.get(updateInside, ...values)) !== undefined;
}

/** What is stored at the row's address, in the given thread. */
async function readRaw(db: Connection, at: RawRecord, threadId: string): Promise<RawRecord | undefined> {
  if (at.kind === 'thread') {
    const row = await db.get<RawThreadRow>(selectThread, threadId);
    return row && toRawThread(row, threadId);
  }
  const { namespace } = at;
  const { namespace: key } = streamKey({ threadId, namespace });
  switch (at.kind) {
    case 'stream': {
      const row =
        key === rootNamespace
          ? await db.get<RawStreamRow>(selectRootStream, threadId)
          : await db.get<RawStreamRow>(selectStream, threadId, key);
      return row && toRawStream(row, threadId, namespace);
    }
    case 'checkpoint': {
      const row = await db.get<RawHeaderRow>(selectCheckpoint, threadId, key, at.seq, at.checkpointId);
      return row && toRawCheckpoint(row, threadId, namespace);
    }
    case 'record': {
      const row = await db.get<RecordRow>(selectRecord, threadId, key, at.channel, at.seq);
      return row && toRawRecord(row, threadId, namespace);
    }
    case 'write': {
      const { checkpointId, taskId, key: name } = at;
      const row = await db.get<RawWriteRow>(selectWrite, threadId, key, checkpointId, taskId, name);
      return row && toRawWrite(row, threadId, namespace);
    }
  }
}
