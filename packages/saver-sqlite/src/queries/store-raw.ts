/** Stores scanned rows again, each at its address: the common part of restoring and replacing. */
import { namespaceKey, type RawRecord } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { toCheckpointRow, toRecordRow, toWriteRow } from '../rows.js';
import { placeHead } from '../stream-heads.js';
import { insertCheckpoint, insertRecord, insertWrite, upsertThread } from './insert-rows.js';

/** Copies the row now. @returns what stores the copy as the given thread's, in place of one at the same address. */
export function storeRaw(row: RawRecord, threadId: string): (db: Connection) => void {
  if (row.kind === 'thread') {
    const { origin, status, createdAt, updatedAt, rowCount } = row;
    return (db) => db.run(upsertThread, threadId, origin, status, createdAt, updatedAt, rowCount);
  }
  const stream = { thread_id: threadId, namespace: namespaceKey(row.namespace) };
  switch (row.kind) {
    case 'stream': {
      const { lastSeq, headId } = row;
      return (db) => placeHead(db, stream, { seq: lastSeq, checkpointId: headId });
    }
    case 'checkpoint': {
      const checkpoint = toCheckpointRow({ ...row, threadId });
      return (db) => insertCheckpoint(db, checkpoint, 'REPLACE');
    }
    case 'record': {
      const record = toRecordRow(row);
      return (db) => insertRecord(db, stream, record, 'REPLACE');
    }
    case 'write': {
      const write = toWriteRow(row);
      const checkpoint = { ...stream, checkpoint_id: row.checkpointId };
      return (db) => insertWrite(db, checkpoint, write, 'REPLACE');
    }
  }
}
