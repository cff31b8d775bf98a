/** The channel `cairn:retry`, on which a saver says that it tries a call again instead of failing: else waiting looks like hanging. */
import { channel } from 'node:diagnostics_channel';

/** One attempt of a call that failed, and is not the last. */
export interface RetryNotice {
  /** The saver's class, such as `PostgresSaver`. */
  readonly saver: string;
  /** What it does, in the saver's own words: `read`, `put`, `lease` … */
  readonly call: string;
  /** Which attempt failed; 1 for the first. */
  readonly attempt: number;
  /** How long the call has taken so far, in milliseconds. */
  readonly elapsedMs: number;
  /** For how long from its beginning it is tried again, in milliseconds. */
  readonly forMs: number;
  /** What the call would fail with now: a typed error, the driver's own as its `cause`. */
  readonly error: unknown;
}

const retries = channel('cairn:retry');

/** @param notice - made only while somebody listens. */
export function publishRetry(notice: () => RetryNotice): void {
  if (retries.hasSubscribers) retries.publish(notice());
}
