/** `cairn show`: all that one checkpoint holds. */
import { CheckpointNotFoundError, ThreadNotFoundError } from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, collect, storeCommand, withStore } from '../store-command.js';

interface Options extends CommonOptions {
  readonly namespace?: readonly string[];
  readonly checkpoint?: string;
}

export function addShow(program: Command, { terminal }: CliContext): void {
  storeCommand(
    program,
    'show',
    "show a checkpoint: its values, metadata, next tasks and pending writes; a thread's head by default",
  )
    .argument('<thread>')
    .option('--checkpoint <id>', 'this one')
    .option('--namespace <segment>', "of a sub-graph's stream; repeated for each segment", collect)
    .action(async (store: string, threadId: string, { namespace = [], checkpoint, ...common }: Options) =>
      withStore(terminal, store, common, async ({ checkpointer }, printer) => {
        const found = await checkpointer.read({ threadId, namespace, checkpointId: checkpoint });
        if (found === undefined) {
          throw checkpoint === undefined
            ? new ThreadNotFoundError(threadId)
            : new CheckpointNotFoundError(threadId, checkpoint, { namespace });
        }
        const { checkpointId, parentId, seq, status, createdAt, values, body, writes } = found;
        printer.object({
          ...{ thread: threadId, namespace, checkpoint: checkpointId, parent: parentId, seq, status },
          ...{ created: new Date(createdAt), values, ...body, writes },
        });
      }),
    );
}
