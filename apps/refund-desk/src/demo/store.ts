// The stores the demo can run on, behind one face.
import { isMaintainable } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import Database from 'better-sqlite3';
import { openDesk } from '../desk/open-desk.js';
import type { DeskFiles } from '../paths.js';
import { openSaver } from '../threads/thread-store.js';
import type { Ticket } from '../tickets/ticket.js';
import { bytesOf } from './demo-folder.js';
import type { DemoOptions } from './demo-options.js';
import { CONCURRENCY, type DemoStore } from './demo-store.js';
import { postgresStore } from './postgres-store.js';
import { readOutcomes } from './read-outcomes.js';
import { inProcessStarter } from './start-in-process.js';
import { workerStarter } from './start-worker.js';

export async function openStore(
  options: DemoOptions,
  files: DeskFiles,
  tickets: readonly Ticket[],
): Promise<DemoStore> {
  switch (options.saver) {
    case 'sqlite':
      return sqliteStore(options, files);
    case 'postgres':
      return postgresStore(options, files);
    case 'memory':
      return memoryStore(options, files, tickets);
  }
}

/** The worker has the file; it is read back through a saver of this process's own. */
function sqliteStore({ tickets, sabotage }: DemoOptions, { threads: path, ledger }: DeskFiles): DemoStore {
  const threads = { saver: 'sqlite', path } as const;
  return {
    start: workerStarter({ tickets, threads, ledger, sabotage, concurrency: CONCURRENCY }),
    readBack: async () => {
      const saver = openSaver(threads);
      const outcomes = await readOutcomes(saver);
      // Closed first: the write-ahead log is then folded into the file.
      await saver.close();
      const passes = "the threads' file passes SQLite's integrity check";
      return { outcomes, bytes: bytesOf(path), integrity: { passes, answer: integrityOf(path) } };
    },
    close: async () => {},
  };
}

async function memoryStore(
  { sabotage }: DemoOptions,
  { ledger }: DeskFiles,
  tickets: readonly Ticket[],
): Promise<DemoStore> {
  const saver = new MemorySaver();
  const { graph, close } = await openDesk({ saver, ledger, sabotage });
  return {
    start: inProcessStarter(graph, tickets, CONCURRENCY),
    readBack: async () => {
      const outcomes = await readOutcomes(saver);
      let bytes = 0;
      if (isMaintainable(saver))
        for await (const row of saver.scan()) bytes += 'bytes' in row ? row.bytes.byteLength : 0;
      return { outcomes, bytes, integrity: undefined };
    },
    close,
  };
}

function integrityOf(path: string): string {
  const db = new Database(path, { readonly: true });
  try {
    return String(db.pragma('integrity_check', { simple: true }));
  } finally {
    db.close();
  }
}
