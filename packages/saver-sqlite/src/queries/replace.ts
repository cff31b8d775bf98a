/** Writes rows anew where they are unchanged since they were scanned: `MaintainableSaver.replace`. */
import { type Digest, namespaceKey, type RawRecord, rawDigest, type ThreadStatus } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { conflict } from '../guards.js';
import {
  type CheckpointRow,
  headerColumns,
  type RecordRow,
  toHeader,
  toRecord,
  toWrite,
  type WriteRow,
} from '../rows.js';
import { allStreams, readHead, rootNamespace } from '../stream-heads.js';
import { refreshTokens } from './set-tokens.js';

const selectThread = `
  SELECT origin, status, created_at AS createdAt, updated_at AS updatedAt, row_count AS rowCount
  FROM cairn_threads WHERE thread_id = ? AND origin IS NOT NULL`;

const selectStream = `
  SELECT last_seq AS lastSeq, head_id AS headId FROM ${allStreams} WHERE thread_id = ? AND namespace = ?`;

const selectCheckpoint = `
  SELECT ${headerColumns} FROM cairn_checkpoints AS c LEFT JOIN cairn_threads AS t ON t.thread_id = c.thread_id
  WHERE c.thread_id = ? AND c.namespace = ? AND c.seq = ? AND c.checkpoint_id = ?`;

const selectRecord = `
  SELECT channel, seq, rests_on, bytes FROM cairn_records
  WHERE thread_id = ? AND namespace = ? AND channel = ? AND seq = ?`;

const selectWrite = `
  SELECT task_id, key, digest, bytes FROM cairn_writes
  WHERE thread_id = ? AND namespace = ? AND checkpoint_id = ? AND task_id = ? AND key = ?`;

/** A row to write: its address, what must be there, and what stores it. */
export interface Replacement {
  readonly row: RawRecord;
  readonly expected: Digest | undefined;
  readonly store: (db: Connection) => void;
}

export function replace(db: Connection, threadId: string, replacements: readonly Replacement[]): void {
  for (const { row, expected } of replacements) {
    const stored = readRaw(db, row, threadId);
    if (stored !== undefined && rawDigest(stored) === expected) continue;
    const root = { thread_id: threadId, namespace: rootNamespace };
    throw conflict(`A ${row.kind} to be rewritten has changed or is gone.`, root, readHead(db, root));
  }
  for (const { store } of replacements) store(db);
  refreshTokens(db, threadId);
}

/** What is stored at the row's address, in the given thread. */
function readRaw(db: Connection, at: RawRecord, threadId: string): RawRecord | undefined {
  if (at.kind === 'thread') {
    const row = db.get<Omit<typeof at, 'kind' | 'threadId'> & { status: ThreadStatus }>(selectThread, threadId);
    return row && { kind: 'thread', threadId, ...row };
  }
  const { namespace } = at;
  const stream = [threadId, namespaceKey(namespace)] as const;
  switch (at.kind) {
    case 'stream': {
      const row = db.get<{ lastSeq: number; headId: string }>(selectStream, ...stream);
      return row && { kind: 'stream', threadId, namespace, ...row };
    }
    case 'checkpoint': {
      const row = db.get<CheckpointRow>(selectCheckpoint, ...stream, at.seq, at.checkpointId);
      return row && { kind: 'checkpoint', ...toHeader(row) };
    }
    case 'record': {
      const row = db.get<RecordRow>(selectRecord, ...stream, at.channel, at.seq);
      return row && { kind: 'record', threadId, namespace, ...toRecord(row, threadId) };
    }
    case 'write': {
      const { checkpointId, taskId, key } = at;
      const row = db.get<WriteRow>(selectWrite, ...stream, checkpointId, taskId, key);
      return row && { kind: 'write', threadId, namespace, checkpointId, ...toWrite(row) };
    }
  }
}
