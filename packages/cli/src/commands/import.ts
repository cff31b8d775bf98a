/** `cairn import`: what export wrote, into another store. */

import { createReadStream, existsSync } from 'node:fs';
import { counted, importThreads } from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import { linesOf } from '../lines.js';
import { maintainable } from '../open-store.js';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, storeCommand, withStore } from '../store-command.js';
import { UsageError } from '../usage-error.js';

interface Options extends CommonOptions {
  readonly existing: 'fail' | 'skip';
}

export function addImport(program: Command, { terminal }: CliContext): void {
  const command = storeCommand(
    program,
    'import',
    'store exported threads, each whole or not at all; makes the store where there is none',
  );
  command
    .argument('[file]', 'what export wrote; the standard input by default')
    .addOption(
      command
        .createOption('--existing <what>', 'threads that are there already end the import, or are left as they are')
        .choices(['fail', 'skip'])
        .default('fail'),
    )
    .action(async (store: string, file: string | undefined, { existing, ...common }: Options) => {
      if (file !== undefined && !existsSync(file)) throw new UsageError(`There is no file ${file}.`);
      const lines = file === undefined ? terminal.input() : linesOf(() => createReadStream(file, 'utf8'));
      await withStore(
        terminal,
        store,
        common,
        async ({ saver }, printer) => {
          const onThread = terminal.isInteractive ? progress() : undefined;
          const { threads, rows, skipped } = await importThreads(maintainable(saver), lines, { existing, onThread });
          printer.say(
            `Stored ${counted(threads, 'thread')} of ${counted(rows, 'row')}; ${skipped} left out, as there already.`,
          );
        },
        { mayMake: true },
      );
    });

  /** Says now and then how far it is. */
  function progress() {
    let threads = 0;
    return () => {
      threads += 1;
      if (threads % 100 === 0) terminal.err(`\r${threads} threads`);
    };
  }
}
