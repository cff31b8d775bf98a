/** Which tables hold a thread's rows, and whether any of them holds one. */
import { ThreadExistsError } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { checkLease, readThread } from '../guards.js';

export const threadTables = [
  'cairn_threads',
  'cairn_subgraph_streams',
  'cairn_checkpoints',
  'cairn_records',
  'cairn_writes',
] as const;

/** Whether a row of the table is a thread's, or its root stream's: a lease on a thread that has no checkpoint is none. */
export function rowCondition(table: (typeof threadTables)[number]): string {
  return table === 'cairn_threads' ? '(origin IS NOT NULL OR head_id IS NOT NULL)' : 'true';
}

const selectAnyRow = `SELECT ${threadTables
  .map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE thread_id = @thread AND ${rowCondition(table)})`)
  .join(' OR ')} AS isTaken`;

/** @throws ThreadExistsError, ThreadBusyError unless a thread may be made under this id. */
export function checkFree(db: Connection, threadId: string): void {
  // Rows without a thread's row, from a damaged import, count too: a new thread must not grow into them.
  if (db.get<{ isTaken: 0 | 1 }>(selectAnyRow, { thread: threadId })?.isTaken === 1)
    throw new ThreadExistsError(threadId);
  checkLease(readThread(db, threadId), threadId, undefined);
}
