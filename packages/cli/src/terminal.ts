/** Where the command line writes and asks: the process's own streams, or a test's. */
import { createInterface } from 'node:readline/promises';
import { linesOf } from './lines.js';
import { OutputGoneError } from './output-gone-error.js';

export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Progress and errors. */
  err(text: string): void;
  /** True where a person reads what is written: tables have colours then. */
  readonly isInteractive: boolean;
  /** Asks a person; never called where `isInteractive` is false. */
  ask(question: string): Promise<string>;
  /** Lines of a text that is piped in. */
  input(): AsyncIterable<string>;
}

/** The process's own; its `out` throws OutputGoneError once the reader of a pipe is gone, so that what is open is closed. */
export function processTerminal(): Terminal {
  let isGone = false;
  process.stdout.on('error', (error) => {
    if (!isBrokenPipe(error)) throw error;
    isGone = true;
  });
  process.stderr.on('error', (error) => {
    if (!isBrokenPipe(error)) throw error;
  });
  return {
    out: (text) => {
      // The event comes in a later turn, which a command that never waits does not reach.
      if (isGone || isBrokenPipe(process.stdout.errored)) throw new OutputGoneError();
      process.stdout.write(text);
    },
    err: (text) => process.stderr.write(text),
    isInteractive: process.stdout.isTTY === true && process.stdin.isTTY === true,
    ask: async (question) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
    input: () => linesOf(() => process.stdin.setEncoding('utf8')),
  };
}

function isBrokenPipe(error: NodeJS.ErrnoException | null): boolean {
  return error?.code === 'EPIPE';
}
