// Runs a command line. Errors meant for people are printed as a sentence, all others with their stack.
import { CommanderError } from 'commander';
import { DeskError } from './desk-error.js';
import { runProgram } from './program.js';

/** Sets the process's exit code; never rejects. */
export async function runCli(args: readonly string[]): Promise<void> {
  try {
    await runProgram(args);
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof DeskError) console.error(error.message);
    // Commander has printed what was wrong with the command line, or the help that was asked for.
    else if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else console.error(error);
  }
}
