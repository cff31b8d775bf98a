/** Core's only source of time, so that tests can own it. Lease time is not here: it is the store's own. */

/** Wall-clock time. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
