/** One page of a stream's headers: `CheckpointSaver.list`. Touches no table of values. */
import { type CheckpointHeader, type ListQuery, namespaceKey } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { type CheckpointRow, headerColumns, toHeader } from '../rows.js';

const selectPage = (order: 'ASC' | 'DESC'): string => `
  SELECT ${headerColumns}
  FROM cairn_checkpoints AS c LEFT JOIN cairn_threads AS t ON t.thread_id = c.thread_id
  WHERE c.thread_id = ? AND c.namespace = ? AND c.seq > ? AND c.seq < ? AND (NOT json_valid(c.tokens) OR NOT EXISTS (
    SELECT 1 FROM json_each(?) AS wanted WHERE wanted.value NOT IN (SELECT value FROM json_each(c.tokens))))
  ORDER BY c.seq ${order}
  LIMIT ?`;

const selectAscending = selectPage('ASC');
const selectDescending = selectPage('DESC');

export function listPage(db: Connection, query: ListQuery, pageSize: number): CheckpointHeader[] {
  const { threadId, namespace, order = 'desc', afterSeq = 0, beforeSeq = Number.MAX_SAFE_INTEGER, tokens = [] } = query;
  const sql = order === 'asc' ? selectAscending : selectDescending;
  const wanted = JSON.stringify(tokens);
  return db
    .all<CheckpointRow>(sql, threadId, namespaceKey(namespace), afterSeq, beforeSeq, wanted, pageSize)
    .map(toHeader);
}

/** The query for what comes after `last`. */
export function afterHeader(query: ListQuery, last: CheckpointHeader): ListQuery {
  return query.order === 'asc' ? { ...query, afterSeq: last.seq } : { ...query, beforeSeq: last.seq };
}
