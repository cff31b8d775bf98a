/** A lease that is held for as long as a piece of work takes. */
import { hasCode } from '../errors/checkpoint-error.js';
import type { Lease } from '../lease.js';
import type { CheckpointSaver } from '../saver.js';

/**
 * Renews the lease while the work goes on, and gives it back after it.
 *
 * @param work - its signal is aborted, with the `LeaseLostError`, once a renewal says that the lease is lost.
 */
export async function holdLease<Result>(
  saver: CheckpointSaver,
  lease: Lease,
  ttlMs: number,
  work: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const lost = new AbortController();
  const renew = () =>
    saver.renewLease(lease, ttlMs).catch((error: unknown) => {
      // What else a renewal fails of may be over by the next.
      if (hasCode(error, 'CAIRN_LEASE_LOST')) lost.abort(error);
    });
  const renewing = setInterval(renew, ttlMs / 4);
  try {
    return await work(lost.signal);
  } finally {
    clearInterval(renewing);
    // Of a thread that is gone it is all that is left.
    await saver.releaseLease(lease);
  }
}
