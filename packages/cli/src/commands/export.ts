/** `cairn export`: threads as lines of JSON, to the standard output or a file. */
import { open } from 'node:fs/promises';
import { exportThreads } from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import { maintainable } from '../open-store.js';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, storeCommand, withStore } from '../store-command.js';

interface Options extends CommonOptions {
  readonly thread?: string;
  readonly out?: string;
}

export function addExport(program: Command, { terminal }: CliContext): void {
  storeCommand(program, 'export', 'write threads as lines of JSON that import takes, exactly as they are stored')
    .option('--thread <id>', 'only this one')
    .option('--out <file>', 'into a new file; else to the standard output')
    .action(async (store: string, { thread, out, ...common }: Options) =>
      withStore(terminal, store, common, async ({ saver }) => {
        const lines = exportThreads(maintainable(saver), { threadId: thread });
        if (out === undefined) {
          for await (const line of lines) terminal.out(`${line}\n`);
          return;
        }
        const file = await open(out, 'wx');
        try {
          for await (const line of lines) await file.appendFile(`${line}\n`);
          await file.sync();
        } finally {
          await file.close();
        }
      }),
    );
}
