/** One page of a stream's headers: `CheckpointSaver.list`. Touches no table of values. */
import type { CheckpointHeader, ListQuery } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { streamKey } from '../namespaces.js';
import { type HeaderRow, headerColumns, toHeader } from '../rows.js';

const selectPage = (order: 'ASC' | 'DESC'): string => `
  SELECT ${headerColumns}, coalesce(t.origin, c.thread_id) AS origin
  FROM @schema.checkpoints AS c LEFT JOIN @schema.threads AS t ON t.thread_id = c.thread_id
  WHERE c.thread_id = $1 AND c.namespace = $2 AND c.seq > $3 AND c.seq < $4 AND c.tokens OPERATOR(pg_catalog.@>) $5::text[]
    AND t.is_leaving IS NOT TRUE
  ORDER BY c.seq ${order}
  LIMIT $6`;

const selectAscending = selectPage('ASC');
const selectDescending = selectPage('DESC');

export async function listPage(db: Connection, query: ListQuery, pageSize: number): Promise<CheckpointHeader[]> {
  const { threadId, namespace, order = 'desc', afterSeq = 0, beforeSeq = Number.MAX_SAFE_INTEGER, tokens = [] } = query;
  const sql = order === 'asc' ? selectAscending : selectDescending;
  const { namespace: key } = streamKey(query);
  const rows = await db.all<HeaderRow & { readonly origin: string }>(
    sql,
    threadId,
    key,
    afterSeq,
    beforeSeq,
    [...tokens],
    pageSize,
  );
  return rows.map((row) => toHeader(row, threadId, namespace, row.origin));
}

/** The query for what comes after `last`. */
export function afterHeader(query: ListQuery, last: CheckpointHeader): ListQuery {
  return query.order === 'asc' ? { ...query, afterSeq: last.seq } : { ...query, beforeSeq: last.seq };
}
