/** `cairn verify`: whether what is stored is whole, and with `--repair` making it so. */
import type { Checkpointer, StoreFault } from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import { keysVariable } from '../load-keys.js';
import { maintainable } from '../open-store.js';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, storeCommand, withStore } from '../store-command.js';
import { repair } from './repair.js';

interface Options extends CommonOptions {
  readonly repair?: string;
  readonly yes?: true;
}

export function addVerify(program: Command, { terminal, fail }: CliContext): void {
  storeCommand(
    program,
    'verify',
    'look for damage: checksums, lost rows, broken references; exits with 1 when there is some',
  )
    .argument('[thread]', 'only this one')
    .option(
      '--repair <file>',
      'say what a repair would do and, after asking, do it: damaged threads go into this new file whole',
    )
    .option('--yes', 'repair without asking')
    .action(async (store: string, threadId: string | undefined, { repair: file, yes, ...common }: Options) =>
      withStore(terminal, store, common, async ({ checkpointer, saver }, printer) => {
        maintainable(saver);
        if (file !== undefined) {
          if (!(await repair(checkpointer, { threadId, file, yes }, printer, terminal))) fail();
          return;
        }
        let unread = 0;
        const found = rowsOf(checkpointer.verify({ threadId }), (kind) => (unread += kind === 'key' ? 1 : 0));
        const faults = await printer.rows(found, 'All is whole.');
        if (unread > 0)
          printer.say(
            `${unread} of these want a key: name a module that has it, with --keys <module> or ${keysVariable}.`,
          );
        if (faults > 0) fail();
      }),
    );
}

async function* rowsOf(faults: ReturnType<Checkpointer['verify']>, count: (kind: StoreFault['kind']) => void) {
  for await (const { kind, threadId, namespace = [], checkpointId, message } of faults) {
    count(kind);
    yield { fault: kind, thread: threadId, namespace, checkpoint: checkpointId, message };
  }
}
