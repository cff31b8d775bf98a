/** `cairn fork`: a thread as it was at a checkpoint, as another thread. */
import type { Command } from 'commander';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, storeCommand, withStore } from '../store-command.js';

export function addFork(program: Command, { terminal }: CliContext): void {
  storeCommand(program, 'fork', 'copy a thread, up to a checkpoint, into a new one that can be resumed from there')
    .argument('<thread>')
    .argument('<checkpoint>', 'the checkpoint id that becomes the head of the new thread')
    .argument('<to>', 'the id of the new thread')
    .action(async (store: string, threadId: string, checkpointId: string, to: string, options: CommonOptions) =>
      withStore(terminal, store, options, async ({ checkpointer }, printer) => {
        await checkpointer.copyThread(threadId, to, { checkpointId });
        printer.say(`Thread ${to} is ${threadId} as of ${checkpointId}.`);
      }),
    );
}
