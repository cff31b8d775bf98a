/** `cairn migrate`: makes the tables, or brings them up to date. */
import type { Command } from 'commander';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, storeCommand, withStore } from '../store-command.js';

export function addMigrate(program: Command, { terminal }: CliContext): void {
  storeCommand(program, 'migrate', 'make the tables, or bring them up to date').action(
    async (store: string, options: CommonOptions) =>
      withStore(
        terminal,
        store,
        options,
        async ({ saver }, printer) => {
          await saver.setup();
          printer.say('The tables are up to date.');
        },
        { mayMake: true },
      ),
  );
}
