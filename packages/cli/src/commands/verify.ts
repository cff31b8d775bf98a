/** `cairn verify`: whether what is stored is whole. */
import type { Checkpointer } from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import { maintainable } from '../open-store.js';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, storeCommand, withStore } from '../store-command.js';

export function addVerify(program: Command, { terminal, fail }: CliContext): void {
  storeCommand(
    program,
    'verify',
    'look for damage: checksums, lost rows, broken references; exits with 1 when there is some',
  )
    .argument('[thread]', 'only this one')
    .action(async (store: string, threadId: string | undefined, options: CommonOptions) =>
      withStore(terminal, store, options, async ({ checkpointer, saver }, printer) => {
        maintainable(saver);
        const faults = await printer.rows(rowsOf(checkpointer.verify({ threadId })), 'All is whole.');
        if (faults > 0) fail();
      }),
    );
}

async function* rowsOf(faults: ReturnType<Checkpointer['verify']>) {
  for await (const { kind, threadId, namespace = [], checkpointId, message } of faults) {
    yield { fault: kind, thread: threadId, namespace, checkpoint: checkpointId, message };
  }
}
