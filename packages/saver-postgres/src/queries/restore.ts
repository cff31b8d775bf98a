/** Stores scanned rows as a thread that does not exist: `MaintainableSaver.restore`. */
import { type RawRecord, ThreadExistsError } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { type Outcome, throwShared } from '../refusals.js';
import { inTransaction } from '../transaction.js';
import { storeRows } from './store-rows.js';

const claimSql = 'SELECT * FROM @schema.claim_thread($1, $2)';

const countHeadWrites = `
  UPDATE @schema.streams AS s SET head_writes = (
    SELECT count(*) FROM @schema.writes AS w
    WHERE w.thread_id = $1 AND w.namespace = s.namespace AND w.checkpoint_id = s.head_id)
  WHERE s.thread_id = $1`;

const refreshTokens = 'SELECT @schema.refresh_tokens($1)';

// The row that was claimed goes where no row of the thread came to fill it.
const removeEmptyClaim = 'DELETE FROM @schema.threads WHERE thread_id = $1 AND origin IS NULL';

/** @param call - names this call, so that repeating it after a lost answer finds the thread made. */
export async function restore(
  db: Connection,
  threadId: string,
  rows: readonly RawRecord[],
  call: string,
): Promise<void> {
  await inTransaction(db, 'restore', async () => {
    const outcome = await db.get<Outcome<'made' | 'exists'>>(claimSql, threadId, call);
    if (outcome === undefined || outcome.result === 'made') return;
    throwShared(threadId, outcome);
    if (outcome.result === 'exists') throw new ThreadExistsError(threadId);
    await storeRows(db, threadId, rows);
    await db.all(countHeadWrites, threadId);
    await db.all(refreshTokens, threadId);
    await db.all(removeEmptyClaim, threadId);
  });
}
