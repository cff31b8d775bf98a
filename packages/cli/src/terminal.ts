/** Where the command line writes and asks: the process's own streams, or a test's. */
import { createInterface } from 'node:readline/promises';
import { linesOf } from './lines.js';

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

export function processTerminal(): Terminal {
  return {
    out: (text) => process.stdout.write(text),
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
