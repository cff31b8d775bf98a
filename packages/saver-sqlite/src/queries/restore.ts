/** Stores scanned rows as a thread that does not exist: `MaintainableSaver.restore`. */
import type { Connection } from '../connection.js';
import { refreshTokens } from './set-tokens.js';
import { checkFree } from './thread-tables.js';

const countHeadWrites = `
  UPDATE cairn_streams AS s SET head_writes = (
    SELECT count(*) FROM cairn_writes AS w
    WHERE w.thread_id = s.thread_id AND w.namespace = s.namespace AND w.checkpoint_id = s.head_id)
  WHERE s.thread_id = ?`;

/** @param stores - from `storeRaw`, one for each row. */
export function restore(db: Connection, threadId: string, stores: readonly ((db: Connection) => void)[]): void {
  checkFree(db, threadId);
  for (const store of stores) store(db);
  db.run(countHeadWrites, threadId);
  refreshTokens(db, threadId);
}
