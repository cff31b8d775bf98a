/** Removes a thread from every table: `CheckpointSaver.deleteThread`. */
import type { Connection } from '../connection.js';
import { checkLease, readThread } from '../guards.js';
import { giveBackSpace } from './give-back-space.js';
import { threadTables } from './thread-tables.js';

const deletions = [...threadTables, 'cairn_tokens'].map((table) => `DELETE FROM ${table} WHERE thread_id = ?`);

export function deleteThread(db: Connection, threadId: string): void {
  checkLease(readThread(db, threadId), threadId, undefined);
  for (const sql of deletions) db.run(sql, threadId);
  giveBackSpace(db);
}
