/** `cairn salvage`: the last good checkpoint of a damaged thread, and a copy of its good past. */
import type { Command } from 'commander';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, collect, storeCommand, withStore } from '../store-command.js';
import { columns } from './repair.js';

interface Options extends CommonOptions {
  readonly namespace?: readonly string[];
}

export function addSalvage(program: Command, { terminal }: CliContext): void {
  storeCommand(
    program,
    'salvage',
    'show the last good checkpoint of a damaged thread, and copy all that is good into a new one',
  )
    .argument('<thread>')
    .argument('[to]', 'the id of a new thread that becomes the copy; the damaged one is left as it is')
    .option('--namespace <segment>', "of a sub-graph's stream; repeated for each segment", collect)
    .action(async (store: string, threadId: string, to: string | undefined, { namespace = [], ...common }: Options) =>
      withStore(terminal, store, common, async ({ checkpointer }, printer) => {
        const { checkpoint, skipped, missingRows, unreadable } = await checkpointer.salvage({
          threadId,
          namespace,
          to,
        });
        const { checkpointId, seq, createdAt, metadata, values } = checkpoint;
        const missing = missingRows > 0 ? { missingRows } : {};
        printer.object({
          ...{ thread: threadId, namespace, checkpoint: checkpointId, seq, created: createdAt, metadata, values },
          ...{ skipped: skipped.map(columns), ...missing, ...(unreadable !== undefined && { unreadable }) },
        });
        if (to !== undefined) printer.say(`Thread ${to} is what of ${threadId} is whole.`);
      }),
    );
}
