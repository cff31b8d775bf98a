/** `cairn delete`: whole threads, after asking. */
import type { Command } from 'commander';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, confirmed, storeCommand, withStore } from '../store-command.js';

interface Options extends CommonOptions {
  readonly yes?: true;
}

export function addDelete(program: Command, { terminal }: CliContext): void {
  storeCommand(program, 'delete', 'remove threads whole')
    .argument('<threads...>')
    .option('--yes', 'do not ask')
    .action(async (store: string, threads: string[], { yes, ...common }: Options) =>
      withStore(terminal, store, common, async ({ checkpointer }, printer) => {
        if (!(await confirmed(terminal, yes, `Deleting ${threads.join(', ')}`)))
          return printer.say('Nothing was deleted.');
        for (const threadId of threads) await checkpointer.deleteThread(threadId);
        printer.say(threads.length === 1 ? 'One thread is gone.' : `${threads.length} threads are gone.`);
      }),
    );
}
