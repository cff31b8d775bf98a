// What the demo asks of a store: to start the desk on it, and to read back what was left.
import type { ThreadOutcome } from './read-outcomes.js';
import type { StartDesk } from './running-desk.js';

/** What the store's own check of itself says. */
export interface Integrity {
  /** The finding when all is well, as a sentence. */
  readonly passes: string;
  /** `ok`, or what is wrong. */
  readonly answer: string;
}

export interface ReadBack {
  readonly outcomes: ReadonlyMap<string, ThreadOutcome>;
  readonly bytes: number;
  /** Undefined where the store can't be asked. */
  readonly integrity: Integrity | undefined;
}

export interface DemoStore {
  readonly start: StartDesk;
  readBack(): Promise<ReadBack>;
  /** @param keep - false: what the store has outside of the desk's folder goes. */
  close(keep: boolean): Promise<void>;
}

export const CONCURRENCY = 8;
