/** One page of threads, each with its root head: `CheckpointSaver.listThreads`. */
import type { ReportedThreadStatus, ThreadQuery, ThreadSummary } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { nowSql } from '../guards.js';
import { type CheckpointRow, headerColumns, toHeader } from '../rows.js';
import { rootNamespace } from '../stream-heads.js';

const hasLiveLease = `(t.lease_token IS NOT NULL AND t.lease_expires_at > ${nowSql})`;

const statusConditions: Readonly<Record<ReportedThreadStatus | 'any', string>> = {
  any: '',
  running: `AND t.status = 'running' AND ${hasLiveLease}`,
  abandoned: `AND t.status = 'running' AND NOT ${hasLiveLease}`,
  interrupted: "AND t.status = 'interrupted'",
  completed: "AND t.status = 'completed'",
  failed: "AND t.status = 'failed'",
};

// Where tokens are asked for, the index of the first one leads; the others are looked up thread by thread.
const tokenJoin = 'JOIN cairn_tokens AS k ON k.thread_id = t.thread_id AND k.token = @tokens ->> 0';

const selectPage = (status: ReportedThreadStatus | 'any', hasTokens: boolean): string => `
  SELECT t.thread_id AS id, t.created_at AS first_at, t.updated_at AS last_at,
    CASE WHEN t.status = 'running' AND NOT ${hasLiveLease} THEN 'abandoned' ELSE t.status END AS reported,
    ${headerColumns}
  FROM cairn_threads AS t ${hasTokens ? tokenJoin : ''}
  LEFT JOIN cairn_checkpoints AS c
    ON c.thread_id = t.thread_id AND c.namespace = '${rootNamespace}' AND c.checkpoint_id = t.head_id
  WHERE ${hasTokens ? 'k' : 't'}.thread_id > @after AND t.origin IS NOT NULL AND t.updated_at < @before ${statusConditions[status]}
    AND NOT EXISTS (SELECT 1 FROM json_each(@tokens) AS wanted WHERE NOT EXISTS (
      SELECT 1 FROM cairn_tokens AS k WHERE k.thread_id = t.thread_id AND k.token = wanted.value))
  ORDER BY ${hasTokens ? 'k' : 't'}.thread_id
  LIMIT @limit`;

interface SummaryRow extends CheckpointRow {
  readonly id: string;
  readonly first_at: number;
  readonly last_at: number;
  readonly reported: ReportedThreadStatus;
}

export function listThreadsPage(db: Connection, query: ThreadQuery, pageSize: number): ThreadSummary[] {
  const { status = 'any', updatedBefore = Number.POSITIVE_INFINITY, tokens = [], afterThreadId = '' } = query;
  const sql = selectPage(status, tokens.length > 0);
  const page = { after: afterThreadId, tokens: JSON.stringify(tokens), before: updatedBefore, limit: pageSize };
  return db.all<SummaryRow>(sql, page).map((row) => ({
    threadId: row.id,
    status: row.reported,
    createdAt: row.first_at,
    updatedAt: row.last_at,
    head: row.checkpoint_id === null ? undefined : toHeader(row),
  }));
}
