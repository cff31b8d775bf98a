/** One page of threads, each with its root head: `CheckpointSaver.listThreads`. */
import type { ReportedThreadStatus, ThreadQuery, ThreadSummary } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { rootNamespace } from '../namespaces.js';
import { type HeaderRow, headerColumns, toHeader } from '../rows.js';

const hasLiveLease = '(t.lease_token IS NOT NULL AND t.lease_expires_at > @schema.clock_ms())';

const statusConditions: Readonly<Record<ReportedThreadStatus, string>> = {
  running: `t.status = 'running' AND ${hasLiveLease}`,
  abandoned: `t.status = 'running' AND NOT ${hasLiveLease}`,
  interrupted: "t.status = 'interrupted'",
  completed: "t.status = 'completed'",
  failed: "t.status = 'failed'",
};

/**
 * Only what is asked for stands in the statement, so that its plan fits: the threads' own order, the index of the first
 * token, of the status or of the age.
 */
function selectPage(query: ThreadQuery, pageSize: number): { readonly sql: string; readonly values: unknown[] } {
  const { status, updatedBefore, tokens = [], afterThreadId = '' } = query;
  const hasTokens = tokens.length > 0;
  const key = hasTokens ? 'k.thread_id' : 't.thread_id';
  const values: unknown[] = [afterThreadId, pageSize];
  const conditions = [`${key} > $1`, 't.origin IS NOT NULL'];
  if (status !== undefined) conditions.push(statusConditions[status]);
  if (updatedBefore !== undefined) {
    const at = `$${values.push(updatedBefore)}::double precision`;
    conditions.push(`t.updated_at < ${at} AND t.updated_hour <= floor(${at} / 3600000::double precision)`);
  }
  if (hasTokens) {
    const wanted = `$${values.push([...tokens])}::text[]`;
    conditions.push(`k.token = (${wanted})[1]`, hasEveryToken(wanted));
  }
  const sql = `
    SELECT t.thread_id, t.origin, t.first_at, t.last_at, t.reported, ${headerColumns}
    FROM (
      SELECT t.thread_id, t.origin, t.created_at AS first_at, t.updated_at AS last_at, t.last_seq, t.head_id,
        CASE WHEN t.status = 'running' AND NOT ${hasLiveLease} THEN 'abandoned' ELSE t.status END AS reported
      FROM @schema.threads AS t ${hasTokens ? 'JOIN @schema.tokens AS k ON k.thread_id = t.thread_id' : ''}
      WHERE ${conditions.join(' AND ')}
      ORDER BY ${key}
      LIMIT $2) AS t
    LEFT JOIN LATERAL (
      SELECT * FROM @schema.checkpoints
      WHERE thread_id = t.thread_id AND namespace = '${rootNamespace}' AND seq = t.last_seq AND checkpoint_id = t.head_id
      OFFSET 0) AS c ON true
    ORDER BY t.thread_id`;
  return { sql, values };
}

const hasEveryToken = (tokens: string): string => `NOT EXISTS (
  SELECT FROM pg_catalog.unnest(${tokens}) AS wanted (token) WHERE NOT EXISTS (
    SELECT FROM @schema.tokens AS k WHERE k.thread_id = t.thread_id AND k.token = wanted.token))`;

interface SummaryRow extends HeaderRow {
  readonly thread_id: string;
  readonly origin: string;
  readonly first_at: number;
  readonly last_at: number;
  readonly reported: ReportedThreadStatus;
}

export async function listThreadsPage(db: Connection, query: ThreadQuery, pageSize: number): Promise<ThreadSummary[]> {
  const { sql, values } = selectPage(query, pageSize);
  const rows = await db.all<SummaryRow>(sql, ...values);
  return rows.map((row) => ({
    threadId: row.thread_id,
    status: row.reported,
    createdAt: row.first_at,
    updatedAt: row.last_at,
    head: row.checkpoint_id === null ? undefined : toHeader(row, row.thread_id, [], row.origin),
  }));
}
