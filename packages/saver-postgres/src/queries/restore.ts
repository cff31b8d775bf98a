/** Stores scanned rows as a thread that does not exist, or in place of one: `MaintainableSaver.restore`. */
import { type RawRecord, ThreadExistsError } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { rootNamespace } from '../namespaces.js';
import { type Outcome, throwShared } from '../refusals.js';
import { inTransaction } from '../transaction.js';
import { storeRows } from './store-rows.js';

const claimSql = 'SELECT * FROM @schema.claim_thread($1, $2)';

const countHeadWrites = `
  UPDATE @schema.streams AS s SET head_writes = (
    SELECT count(*) FROM @schema.writes AS w
    WHERE w.thread_id = $1 AND w.namespace = s.namespace AND w.checkpoint_id = s.head_id)
  WHERE s.thread_id = $1`;

const countRootHeadWrites = `
  UPDATE @schema.threads AS t SET head_writes = (
    SELECT count(*) FROM @schema.writes AS w
    WHERE w.thread_id = $1 AND w.namespace = '${rootNamespace}' AND w.checkpoint_id = t.head_id)
  WHERE t.thread_id = $1`;

const refreshTokens = 'SELECT @schema.refresh_tokens($1)';

// The row that was claimed goes where no row of the thread came to fill it, unless it holds a lease.
const removeEmptyClaim = `
  DELETE FROM @schema.threads WHERE thread_id = $1 AND origin IS NULL AND head_id IS NULL AND lease_token IS NULL`;

const lockLeased = `
  SELECT CASE WHEN t.is_leaving THEN 'leaving'
    ELSE coalesce(@schema.lease_refusal(t.lease_token, t.lease_expires_at, $2), 'done') END AS result,
    t.lease_holder AS holder, t.lease_expires_at AS expires_at
  FROM @schema.make_thread($1) AS t`;

const deletions = ['writes', 'records', 'checkpoints', 'streams', 'tokens'].map(
  (table) => `DELETE FROM @schema.${table} WHERE thread_id = $1`,
);

// The row stays for its lease. Its mark is drawn anew, as a stream's is: what was counted or scanned before is over.
const emptyThread = `
  UPDATE @schema.threads SET origin = NULL, status = NULL, created_at = NULL, updated_at = NULL, updated_hour = NULL,
    row_count = 0, last_seq = NULL, head_id = NULL, head_writes = 0, head_tokens = NULL,
    prune_mark = gen_random_uuid()::text, pruned = NULL
  WHERE thread_id = $1`;

/**
 * What the rows may take the place of: nothing, where `call` names this call, so that repeating it after a lost answer finds
 * the thread made; or of whatever is there, under the thread's lease.
 */
export type RestoreRight = { readonly call: string } | { readonly lease: string };

export async function restore(
  db: Connection,
  threadId: string,
  rows: readonly RawRecord[],
  right: RestoreRight,
): Promise<void> {
  await inTransaction(db, 'restore', async () => {
    const isFree = 'lease' in right ? await clear(db, threadId, right.lease) : await claim(db, threadId, right.call);
    if (!isFree) return;
    await storeRows(db, threadId, rows);
    await db.all(countHeadWrites, threadId);
    await db.all(countRootHeadWrites, threadId);
    await db.all(refreshTokens, threadId);
    await db.all(removeEmptyClaim, threadId);
  });
}

/** @returns false when the very same call has made the thread already. */
async function claim(db: Connection, threadId: string, call: string): Promise<boolean> {
  const outcome = await db.get<Outcome<'made' | 'exists'>>(claimSql, threadId, call);
  if (outcome === undefined || outcome.result === 'made') return false;
  throwShared(threadId, outcome);
  if (outcome.result === 'exists') throw new ThreadExistsError(threadId);
  return true;
}

async function clear(db: Connection, threadId: string, lease: string): Promise<true> {
  const outcome = await db.get<Pick<Outcome, 'result' | 'holder' | 'expires_at'>>(lockLeased, threadId, lease);
  if (outcome !== undefined) throwShared(threadId, outcome);
  for (const sql of [...deletions, emptyThread]) await db.all(sql, threadId);
  return true;
}
