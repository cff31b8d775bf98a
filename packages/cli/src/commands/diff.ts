/** `cairn diff`: what differs between two checkpoints of a thread, by channel and path. */
import type { Command } from 'commander';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, collect, storeCommand, withStore } from '../store-command.js';

interface Options extends CommonOptions {
  readonly namespace?: readonly string[];
}

export function addDiff(program: Command, { terminal }: CliContext): void {
  storeCommand(program, 'diff', 'compare two checkpoints of a thread')
    .argument('<thread>')
    .argument('<before>', 'a checkpoint id')
    .argument('[after]', 'another; the head by default')
    .option('--namespace <segment>', "of a sub-graph's stream; repeated for each segment", collect)
    .action(async (store: string, threadId: string, before: string, after: string | undefined, options: Options) =>
      withStore(terminal, store, options, async ({ checkpointer }, printer) => {
        const { namespace } = options;
        const differences = await checkpointer.diff(
          { threadId, namespace, checkpointId: before },
          { threadId, namespace, checkpointId: after },
        );
        await printer.rows(
          differences.map((difference) => ({ ...difference })),
          'The two are equal.',
        );
      }),
    );
}
