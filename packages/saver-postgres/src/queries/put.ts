/** Commits one checkpoint: `CheckpointSaver.put`. One statement, and so one round trip and one transaction. */
import {
  type ChannelRecord,
  type CheckpointCommit,
  CheckpointNotFoundError,
  type Namespace,
  quoteId,
} from '@cairn/checkpoint-core';
import { sqlState } from '../classify-error.js';
import type { Connection } from '../connection.js';
import { checkSizes, packBytes } from '../packed-bytes.js';
import { conflict, type Outcome, parseRefusal, throwShared } from '../refusals.js';
import { type SentHeader, toNumberArray, toSentHeader } from '../rows.js';

/** What a commit sends, as own values. */
export interface CommitRows {
  readonly namespace: Namespace;
  readonly header: SentHeader;
  readonly sql: string;
  readonly values: readonly unknown[];
}

type PutRefusal = 'seq' | 'id' | 'origin' | 'parent' | 'no-parent';

const uniqueViolation = '23505';
/** A refusal, which the error's detail describes. */
const refused = 'CN409';

const putSql = `CALL @schema.put(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`;

const putNextSql = `CALL @schema.put_next(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`;

export function toCommitRows(commit: CheckpointCommit): CommitRows {
  const { namespace, fork, records, parentId } = commit;
  const header = toSentHeader(commit);
  const isNext = !fork && parentId !== undefined && namespace.length === 0 && records.length <= 1;
  return {
    namespace: [...namespace],
    header,
    ...(isNext
      ? { sql: putNextSql, values: nextValues(commit, header, records[0]) }
      : { sql: putSql, values: anyValues(commit, header) }),
  };
}

/** Of a commit that follows the root head with one record or none, as most do: no arrays, and no bytes to cut apart. */
function nextValues(commit: CheckpointCommit, header: SentHeader, record: ChannelRecord | undefined): unknown[] {
  checkSizes(record === undefined ? [commit.bytes] : [commit.bytes, record.bytes]);
  return [
    header.thread_id,
    header.seq,
    header.checkpoint_id,
    header.parent_id,
    header.created_at,
    header.status,
    header.digest,
    header.tokens,
    header.channels,
    header.origin,
    commit.lease,
    consumedTasks(commit),
    Buffer.from(commit.bytes),
    record?.channel,
    record && toNumberArray(record.restsOn),
    record && Buffer.from(record.bytes),
  ];
}

function anyValues(commit: CheckpointCommit, header: SentHeader): unknown[] {
  const { fork, records } = commit;
  const { long_namespace } = header;
  const packed = packBytes([commit.bytes, ...records.map(({ bytes }) => bytes)]);
  return [
    header.thread_id,
    header.namespace,
    header.seq,
    header.checkpoint_id,
    header.parent_id,
    header.created_at,
    header.status,
    header.digest,
    header.tokens,
    header.channels,
    header.origin,
    commit.lease,
    consumedTasks(commit),
    // What few commits have.
    fork || long_namespace !== null ? JSON.stringify({ fork, long_namespace }) : null,
    // The channel of each record, then what each rests on.
    [...records.map(({ channel }) => channel), ...records.map(({ restsOn }) => toNumberArray(restsOn))],
    toNumberArray(packed.ends),
    packed.bytes,
  ];
}

/** The tasks; none are all of them; null when nothing is consumed. */
function consumedTasks({ fork, parentId, consumes }: CheckpointCommit): string[] | null {
  if (fork || parentId === undefined || consumes.length === 0) return null;
  return consumes === 'all' ? [] : [...consumes];
}

export async function put(db: Connection, commit: CommitRows): Promise<void> {
  try {
    await db.all(commit.sql, ...commit.values);
  } catch (error) {
    const state = sqlState(error);
    if (state === uniqueViolation) throw takenId(commit);
    throw state === refused ? refusal(commit, parseRefusal<PutRefusal>(error)) : error;
  }
}

/** The compare-and-set had passed: the head is the parent. */
function takenId({ namespace, header }: CommitRows): Error {
  const { thread_id: threadId, checkpoint_id: checkpointId, seq, parent_id } = header;
  return conflict(
    `Checkpoint ${quoteId(checkpointId)} is stored already, as another commit.`,
    { threadId, namespace, checkpointId },
    { head_id: parent_id, last_seq: seq - 1 },
  );
}

function refusal({ namespace, header }: CommitRows, outcome: Outcome<PutRefusal>): Error {
  const { thread_id: threadId, checkpoint_id: checkpointId, seq, parent_id: parentId, origin } = header;
  throwShared(threadId, outcome);
  const parent = parentId === null ? 'none' : quoteId(parentId);
  if (outcome.result === 'no-parent') return new CheckpointNotFoundError(threadId, parentId ?? '', { namespace });
  const reasons: Readonly<Record<string, string>> = {
    seq: `Seq ${seq} is not the one after the stream's last.`,
    id: `Checkpoint ${quoteId(checkpointId)} is stored already, as another commit.`,
    origin: `Origin ${quoteId(origin)} is not the thread's own, ${quoteId(outcome.detail ?? '')}.`,
    parent: `Parent ${parent} is not the head, and the commit is no fork.`,
  };
  return conflict(reasons[outcome.result] ?? outcome.result, { threadId, namespace, checkpointId }, outcome);
}
