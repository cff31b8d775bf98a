/** The command line: what it offers, and what becomes of errors. Exit codes: 0 done, 1 faults found or failed, 2 used wrongly, 141 when nobody reads on. */
import type { CheckpointError } from '@cairn/checkpoint-core';
import type { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { addCheckState } from './commands/check-state.js';
import { addDelete } from './commands/delete.js';
import { addDiff } from './commands/diff.js';
import { addExpire } from './commands/expire.js';
import { addExport } from './commands/export.js';
import { addFork } from './commands/fork.js';
import { addHistory } from './commands/history.js';
import { addImport } from './commands/import.js';
import { addMigrate } from './commands/migrate.js';
import { addPrune } from './commands/prune.js';
import { addReencrypt } from './commands/reencrypt.js';
import { addSalvage } from './commands/salvage.js';
import { addShow } from './commands/show.js';
import { addStats } from './commands/stats.js';
import { addThreads } from './commands/threads.js';
import { addVerify } from './commands/verify.js';
import { keysVariable } from './load-keys.js';
import { OutputGoneError } from './output-gone-error.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

const epilogue = `
A store is sqlite:path, postgres://…, or a module whose default export is a saver or a Checkpointer (for other savers,
registered classes and keys). The keys of an encrypted store come from a module, too: --keys, or ${keysVariable}.

Examples:
  $ cairn threads sqlite:desk.db --status interrupted
  $ cairn show sqlite:desk.db order-17
  $ cairn prune sqlite:desk.db --keep-last 10 --dry-run
  $ cairn export sqlite:desk.db | cairn import postgres://localhost/app
  $ cairn verify ./store.mjs`;

/**
 * Runs one command.
 *
 * @param args - without the program's own name: `['threads', 'sqlite:desk.db']`.
 * @returns the exit code.
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  // Loaded here, as it is an ES module only, and this package serves CommonJS, too.
  const { Command } = await import('commander');
  let code = 0;
  const program = new Command('cairn')
    .description('Look after a Cairn store.')
    .version(manifest.version)
    .addHelpText('after', epilogue)
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) });
  const context: CliContext = { terminal, fail: () => (code = 1) };
  for (const add of commands) add(program, context);
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return exitCodeOf(error, terminal);
  }
}

export interface CliContext {
  readonly terminal: Terminal;
  /** The command did its work, and found what should not be: the exit code is 1. */
  fail(): void;
}

const commands: readonly ((program: Command, context: CliContext) => void)[] = [
  ...[addThreads, addHistory, addShow, addDiff, addFork, addDelete, addPrune, addExpire],
  ...[addVerify, addSalvage, addStats, addExport, addImport, addReencrypt, addMigrate, addCheckState],
];

function exitCodeOf(error: unknown, terminal: Terminal): number {
  // As of a program that SIGPIPE ends; 0 would say that all was done.
  if (error instanceof OutputGoneError) return 141;
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    terminal.err(`error: ${error.message}\n`);
    return 2;
  }
  const { code, message } = error as Partial<CheckpointError>;
  const remedy = code === 'CAIRN_UNKNOWN_KEY' ? ` Name a module that has it: --keys <module>, or ${keysVariable}.` : '';
  terminal.err(
    `error: ${code?.startsWith('CAIRN_') ? `${message}${remedy} (${code})` : String((error as Error)?.stack ?? error)}\n`,
  );
  return 1;
}

/** It has said by itself what is wrong, or given the help that was asked for. */
function isCommanderError(error: unknown): error is CommanderError {
  return String((error as Partial<CommanderError>).code).startsWith('commander.');
}
