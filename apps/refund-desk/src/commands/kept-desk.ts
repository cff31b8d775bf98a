// Opens a kept desk for the commands that look at it, and turns what may go wrong into sentences.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Checkpointer, hasCode } from '@cairn/checkpoint-core';
import { type OpenDesk, openDesk } from '../desk/open-desk.js';
import { DeskError } from '../desk-error.js';
import { type DeskFiles, deskFiles } from '../paths.js';
import { openPostgresDesk } from '../threads/postgres-desk.js';
import { openSaver, type ThreadStore } from '../threads/thread-store.js';

export interface KeptDesk extends OpenDesk {
  readonly checkpointer: Checkpointer;
}

/**
 * Runs a command on the desk kept in a folder, and closes it afterwards.
 *
 * @throws DeskError when there is no desk in the folder, or the thread the command is about does not exist.
 */
export async function withKeptDesk(folder: string, command: (desk: KeptDesk) => Promise<void>): Promise<void> {
  const files = deskFiles(resolve(folder));
  const { store, stop } = await findThreads(resolve(folder), files);
  const saver = openSaver(store);
  const desk = await openDesk({ saver, ledger: files.ledger, sabotage: false });
  try {
    await command({ ...desk, checkpointer: new Checkpointer({ saver }) });
  } catch (error) {
    if (hasCode(error, 'CAIRN_THREAD_NOT_FOUND'))
      throw new DeskError(`${error.message}\n"list --all" shows the threads there are.`, { cause: error });
    // The store's own troubles are told in sentences that name the file and the remedy.
    if (hasCode(error, 'CAIRN_SAVER_UNAVAILABLE') || hasCode(error, 'CAIRN_CORRUPT_CHECKPOINT'))
      throw new DeskError(error.message, { cause: error });
    throw error;
  } finally {
    await desk.close();
    await stop();
  }
}

async function findThreads(
  folder: string,
  { threads, postgres }: DeskFiles,
): Promise<{ store: ThreadStore; stop: () => Promise<void> }> {
  if (existsSync(threads)) return { store: { saver: 'sqlite', path: threads }, stop: async () => {} };
  if (existsSync(postgres)) return openPostgresDesk(postgres);
  throw new DeskError(
    `There is no desk in ${folder}. Run the demo with --keep first, or name its folder: --dir FOLDER.`,
  );
}
