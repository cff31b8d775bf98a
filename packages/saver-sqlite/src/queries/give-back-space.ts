/** Shortens the file after rows were removed. */
import type { Connection } from '../connection.js';

/** Free pages that stay in the file: the next commits use them, so giving them back would be work for nothing. */
const sparePages = 1_024;

const vacuum = 'PRAGMA incremental_vacuum(256)';

/** Gives some of the file's free pages back, where there are many: one megabyte at a time, so that it stays short. */
export function giveBackSpace(db: Connection): void {
  const free = db.get<{ freelist_count: number }>('PRAGMA freelist_count')?.freelist_count ?? 0;
  if (free > sparePages) db.exec(vacuum);
}
