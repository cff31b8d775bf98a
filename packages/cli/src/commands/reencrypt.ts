/** `cairn reencrypt`: all that is stored under the current key. */
import { counted } from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import { maintainable } from '../open-store.js';
import { Progress } from '../progress.js';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, storeCommand, withStore } from '../store-command.js';
import { UsageError } from '../usage-error.js';

interface Options extends CommonOptions {
  readonly thread?: string;
}

const epilogue = `
Runs may go on meanwhile, and a call that was stopped is gone on with by the next one. Then take the old key out of the
ring, and destroy it once "cairn verify" without it finds nothing. To turn encryption on, run it over what was stored in the clear before.

Examples:
  $ cairn reencrypt sqlite:desk.db --keys ./keys.mjs
  $ cairn reencrypt postgres://localhost/app --keys ./keys.mjs --thread order-17`;

export function addReencrypt(program: Command, { terminal }: CliContext): void {
  storeCommand(program, 'reencrypt', 'write anew what another key, or none, has sealed, with the current one')
    .option('--thread <id>', 'only this one')
    .addHelpText('after', epilogue)
    .action(async (store: string, { thread, ...common }: Options) =>
      withStore(terminal, store, common, async ({ checkpointer, saver }, printer) => {
        maintainable(saver);
        if (!checkpointer.isEncrypting)
          throw new UsageError('There are no keys: name a module that has them, with --keys <module> or CAIRN_KEYS.');
        const progress = new Progress(terminal);
        try {
          const done = await checkpointer.reencrypt({
            threadId: thread,
            onProgress: ({ threads, rows, rewritten }) =>
              progress.say(`${counted(threads, 'thread')}, ${rewritten} of ${counted(rows, 'row')} written anew`),
          });
          if (common.json) printer.object({ ...done });
          else
            printer.say(
              `Wrote ${done.rewritten} of ${counted(done.rows, 'row')} of ${counted(done.threads, 'thread')} anew.`,
            );
        } finally {
          progress.end();
        }
      }),
    );
}
