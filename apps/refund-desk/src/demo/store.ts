// The two stores the demo can run on, behind one face: how the desk is started on it, and how what it left is read back.

import { isMaintainable } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { SqliteSaver } from '@cairn/saver-sqlite';
import Database from 'better-sqlite3';
import { openDesk } from '../desk/open-desk.js';
import type { DeskFiles } from '../paths.js';
import type { Ticket } from '../tickets/ticket.js';
import { bytesOf } from './demo-folder.js';
import type { DemoOptions } from './demo-options.js';
import { readOutcomes, type ThreadOutcome } from './read-outcomes.js';
import type { StartDesk } from './running-desk.js';
import { inProcessStarter } from './start-in-process.js';
import { workerStarter } from './start-worker.js';

export interface ReadBack {
  readonly outcomes: ReadonlyMap<string, ThreadOutcome>;
  readonly bytes: number;
  /** Undefined where there is no file. */
  readonly integrity: string | undefined;
}

export interface DemoStore {
  readonly start: StartDesk;
  readBack(): Promise<ReadBack>;
}

const CONCURRENCY = 8;

export async function openStore(
  options: DemoOptions,
  files: DeskFiles,
  tickets: readonly Ticket[],
): Promise<DemoStore> {
  return options.saver === 'sqlite' ? sqliteStore(options, files) : memoryStore(options, files, tickets);
}

/** The worker has the file; it is read back through a saver of this process's own. */
function sqliteStore({ tickets, sabotage }: DemoOptions, { threads, ledger }: DeskFiles): DemoStore {
  return {
    start: workerStarter({ tickets, threads, ledger, sabotage, concurrency: CONCURRENCY }),
    readBack: async () => {
      const saver = new SqliteSaver(threads);
      const outcomes = await readOutcomes(saver);
      // Closed first: the write-ahead log is then folded into the file.
      await saver.close();
      return { outcomes, bytes: bytesOf(threads), integrity: integrityOf(threads) };
    },
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
      await close();
      return { outcomes, bytes, integrity: undefined };
    },
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
