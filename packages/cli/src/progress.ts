/** How far a long command is, on one line that is written over; nothing where nobody looks. */
import type { Terminal } from './terminal.js';

const everyMs = 100;

export class Progress {
  readonly #terminal: Terminal;
  #saidAt: number | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Some ten times a second at most, so that the terminal does not slow the work down. */
  say(text: string): void {
    if (!this.#terminal.isInteractive) return;
    const now = performance.now();
    if (this.#saidAt !== undefined && now - this.#saidAt < everyMs) return;
    this.#saidAt = now;
    this.#terminal.err(`\r${text}\u001B[K`);
  }

  /** Leaves an empty line for what comes next. */
  end(): void {
    if (this.#saidAt !== undefined) this.#terminal.err('\r\u001B[K');
  }
}
