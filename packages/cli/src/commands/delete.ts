/** `cairn delete`: whole threads, after asking. */

import { type CheckpointSaver, hasCode, isMaintainable } from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, confirmed, storeCommand, withStore } from '../store-command.js';

interface Options extends CommonOptions {
  readonly yes?: true;
}

export function addDelete(program: Command, { terminal, fail }: CliContext): void {
  storeCommand(program, 'delete', 'remove threads whole; exits with 1 when one is not there')
    .argument('<threads...>')
    .option('--yes', 'do not ask')
    .action(async (store: string, threads: string[], { yes, ...common }: Options) =>
      withStore(terminal, store, common, async ({ checkpointer, saver }, printer) => {
        if (!(await confirmed(terminal, yes, `Deleting ${threads.join(', ')}`)))
          return printer.say('Nothing was deleted.');
        let gone = 0;
        for (const threadId of new Set(threads)) {
          const isKnown = await hasRows(saver, threadId);
          // Also where nothing was found: a lease may be there.
          await checkpointer.deleteThread(threadId);
          if (isKnown) gone += 1;
          else printer.say(`There is no thread ${threadId}.`);
          if (!isKnown) fail();
        }
        if (gone > 0) printer.say(gone === 1 ? 'One thread is gone.' : `${gone} threads are gone.`);
      }),
    );
}

/** True for damaged threads, too, and for rows that belong to nothing. */
async function hasRows(saver: CheckpointSaver, threadId: string): Promise<boolean> {
  try {
    if (!isMaintainable(saver)) return (await saver.get({ threadId, namespace: [] })) !== undefined;
    for await (const _ of saver.scan(threadId)) return true;
    return false;
  } catch (error) {
    if (hasCode(error, 'CAIRN_CORRUPT_CHECKPOINT')) return true;
    throw error;
  }
}
