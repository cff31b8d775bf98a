/** All that a commit's guards look at, in one statement: the thread, the stream's head, and what is stored under the new id. */
import type { HeadPosition } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { type LockedThread, nowSql } from '../guards.js';
import type { CheckpointRow } from '../rows.js';
import { rootNamespace } from '../stream-heads.js';

const selectPlace = (head: 't' | 's', joinHead: string): string => `
  SELECT ${nowSql} AS now, t.origin, t.status, t.lease_token, t.lease_holder, t.lease_fence, t.lease_ttl_ms,
    t.lease_expires_at, t.head_tokens, ${head}.head_id, ${head}.last_seq, ${head}.head_writes, own.seq AS own_seq,
    own.digest AS own_digest
  FROM (SELECT 1)
  LEFT JOIN cairn_threads AS t ON t.thread_id = +@thread ${joinHead}
  LEFT JOIN cairn_checkpoints AS own
    ON own.thread_id = +@thread AND own.namespace = +@namespace AND own.checkpoint_id = +@checkpoint`;

const selectRootPlace = selectPlace('t', '');
const selectStreamPlace = selectPlace(
  's',
  'LEFT JOIN cairn_subgraph_streams AS s ON s.thread_id = +@thread AND s.namespace = +@namespace',
);

type PlaceRow = LockedThread & {
  readonly head_tokens: string | null;
  readonly head_id: string | null;
  readonly last_seq: number;
  readonly head_writes: number | null;
  readonly own_seq: number | null;
  readonly own_digest: string;
};

export interface Place {
  readonly thread: LockedThread;
  readonly head: HeadPosition | undefined;
  /** How many pending writes the head has. */
  readonly headWrites: number;
  /** The checkpoint that has the commit's id. */
  readonly stored: { readonly seq: number; readonly digest: string } | undefined;
  /** The root head's, as a JSON array; null where there is none. */
  readonly headTokens: string | null;
}

export function readPlace(db: Connection, { thread_id, namespace, checkpoint_id }: CheckpointRow): Place {
  const sql = namespace === rootNamespace ? selectRootPlace : selectStreamPlace;
  const row = db.get<PlaceRow>(sql, { thread: thread_id, namespace, checkpoint: checkpoint_id }) as PlaceRow;
  return {
    thread: row,
    head: row.head_id === null ? undefined : { checkpointId: row.head_id, seq: row.last_seq },
    headWrites: row.head_writes ?? 0,
    stored: row.own_seq === null ? undefined : { seq: row.own_seq, digest: row.own_digest },
    headTokens: row.head_tokens,
  };
}
