/** Stores scanned rows as a thread that does not exist: `MaintainableSaver.restore`. */
import type { Connection } from '../connection.js';
import { refreshTokens } from './set-tokens.js';
import { checkFree } from './thread-tables.js';

/** @param stores - from `storeRaw`, one for each row. */
export function restore(db: Connection, threadId: string, stores: readonly ((db: Connection) => void)[]): void {
  checkFree(db, threadId);
  for (const store of stores) store(db);
  refreshTokens(db, threadId);
}
