/** Says that a store is waited for: else a server that is away looks like a command that hangs. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { RetryNotice } from '@cairn/checkpoint-core';
import type { Terminal } from './terminal.js';

const channel = 'cairn:retry';
/** What is over sooner is nobody's concern, such as a race with another writer. */
const afterMs = 1_000;

/**
 * Says it once, on the error output, when a call to the store has been tried again for a second.
 *
 * @returns to be called at the command's end.
 */
export function tellWaiting(terminal: Terminal): () => void {
  const listen = (message: unknown): void => {
    const { elapsedMs, forMs, error } = message as RetryNotice;
    if (elapsedMs < afterMs) return;
    stop();
    const reason = error instanceof Error ? error.message : String(error);
    terminal.err(`waiting for the store, for ${Math.ceil(forMs / 1_000)} s in all: ${reason}\n`);
  };
  const stop = () => void unsubscribe(channel, listen);
  subscribe(channel, listen);
  return stop;
}
