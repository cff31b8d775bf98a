// Where the app's own files lie, seen from dist/ as from src/, and what a desk's folder is made of.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const appFolder = fileURLToPath(new URL('..', import.meta.url));

/** The tickets and the order database that the app ships. */
export const shippedTickets = join(appFolder, 'data', 'tickets.jsonl');
export const shippedOrders = join(appFolder, 'data', 'orders.db');

/** The files of one desk: its threads, and the payment provider's ledger, which Cairn knows nothing of. */
export interface DeskFiles {
  readonly threads: string;
  readonly ledger: string;
  /** Where the threads are, when they are in PostgreSQL. */
  readonly postgres: string;
}

export function deskFiles(folder: string): DeskFiles {
  return {
    threads: join(folder, 'desk.db'),
    ledger: join(folder, 'ledger.db'),
    postgres: join(folder, 'postgres.json'),
  };
}
