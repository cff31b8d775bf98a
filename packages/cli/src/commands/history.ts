/** `cairn history`: a stream's checkpoints, newest first, without their values. */
import type { Checkpointer } from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, collect, storeCommand, wholeNumber, withStore } from '../store-command.js';

interface Options extends CommonOptions {
  readonly namespace?: readonly string[];
  readonly limit?: number;
}

export function addHistory(program: Command, { terminal }: CliContext): void {
  storeCommand(program, 'history', "list a thread's checkpoints")
    .argument('<thread>')
    .option('--namespace <segment>', "of a sub-graph's stream; repeated for each segment", collect)
    .option('--limit <count>', 'at most so many', wholeNumber)
    .action(async (store: string, threadId: string, { namespace, limit, ...common }: Options) =>
      withStore(terminal, store, common, async ({ checkpointer }, printer) => {
        const rows = rowsOf(checkpointer.infos({ threadId, namespace, limit }));
        await printer.rows(rows, `Thread ${threadId} has no checkpoints here.`);
      }),
    );
}

async function* rowsOf(infos: ReturnType<Checkpointer['infos']>) {
  for await (const { seq, checkpointId, parentId, status, createdAt, body } of infos) {
    const next = body.tasks.map(({ node }) => node);
    yield {
      seq,
      checkpoint: checkpointId,
      parent: parentId,
      source: body.source,
      status,
      next,
      created: new Date(createdAt),
    };
  }
}
