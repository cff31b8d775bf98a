// Opens a kept desk for the commands that look at it, and turns what may go wrong into sentences.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Checkpointer, hasCode } from '@cairn/checkpoint-core';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { type OpenDesk, openDesk } from '../desk/open-desk.js';
import { DeskError } from '../desk-error.js';
import { deskFiles } from '../paths.js';

export interface KeptDesk extends OpenDesk {
  readonly checkpointer: Checkpointer;
}

/**
 * Runs a command on the desk kept in a folder, and closes it afterwards.
 *
 * @throws DeskError when there is no desk in the folder, or the thread the command is about does not exist.
 */
export async function withKeptDesk(folder: string, command: (desk: KeptDesk) => Promise<void>): Promise<void> {
  const { threads, ledger } = deskFiles(resolve(folder));
  if (!existsSync(threads))
    throw new DeskError(
      `There is no desk in ${resolve(folder)}. Run the demo with --keep first, or name its folder: --dir FOLDER.`,
    );
  const saver = new SqliteSaver(threads);
  const desk = await openDesk({ saver, ledger, sabotage: false });
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
  }
}
