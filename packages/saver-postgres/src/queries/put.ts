/** Commits one checkpoint: `CheckpointSaver.put`. One statement, and so one round trip and one transaction. */
import { type CheckpointCommit, CheckpointNotFoundError, type Namespace, quoteId } from '@cairn/checkpoint-core';
import { sqlState } from '../classify-error.js';
import type { Connection } from '../connection.js';
import { type PackedBytes, packBytes } from '../packed-bytes.js';
import { conflict, type Outcome, parseAnswer, throwShared } from '../refusals.js';
import { type SentHeader, toNumberArray, toSentHeader } from '../rows.js';

export interface CommitRows {
  readonly namespace: Namespace;
  readonly header: SentHeader;
  readonly lease: string | null;
  /** The tasks; none are all of them; null when nothing is consumed. */
  readonly consumes: readonly string[] | null;
  /** What few commits have, as JSON: that it is a fork, and a long namespace. */
  readonly rest: string | null;
  /** The channel of each record, then what each rests on. */
  readonly records: readonly string[];
  /** The header's, then each record's. */
  readonly packed: PackedBytes;
}

type PutRefusal = 'seq' | 'id' | 'origin' | 'parent' | 'no-parent';

const uniqueViolation = '23505';

const putSql = `SELECT @schema.put(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) AS answer`;

export function toCommitRows(commit: CheckpointCommit): CommitRows {
  const { namespace, fork, lease, records, consumes, parentId } = commit;
  const consumesNothing = fork || parentId === undefined || consumes.length === 0;
  const consumed = consumes === 'all' ? [] : [...consumes];
  const header = toSentHeader(commit);
  const { long_namespace } = header;
  return {
    namespace: [...namespace],
    header,
    lease: lease ?? null,
    consumes: consumesNothing ? null : consumed,
    rest: fork || long_namespace !== null ? JSON.stringify({ fork, long_namespace }) : null,
    records: [...records.map(({ channel }) => channel), ...records.map(({ restsOn }) => toNumberArray(restsOn))],
    packed: packBytes([commit.bytes, ...records.map(({ bytes }) => bytes)]),
  };
}

export async function put(db: Connection, commit: CommitRows): Promise<void> {
  const { header, packed } = commit;
  const row = await db
    .get<{ readonly answer: string }>(
      putSql,
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
      commit.consumes,
      commit.rest,
      commit.records,
      toNumberArray(packed.ends),
      packed.bytes,
    )
    .catch((error: unknown) => {
      throw sqlState(error) === uniqueViolation ? takenId(commit) : error;
    });
  const outcome = parseAnswer<PutRefusal>(row?.answer);
  if (outcome !== undefined) throw refusal(commit, outcome);
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
