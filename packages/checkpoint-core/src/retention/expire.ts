/**
 * Removing whole threads that nothing was written to for long.
 *
 * A thread may get new input between the look at it and its removal, even a whole run. So its lease is taken first, which
 * holds every other writer off, then it is looked at again, and what is stored of it goes under that lease.
 */
import { randomUUID } from 'node:crypto';
import { compareText } from '../address.js';
import type { Metadata } from '../checkpoint-body.js';
import { holdLease } from '../checkpointer/held-lease.js';
import { maintained } from '../checkpointer/maintained.js';
import { threadQuery } from '../checkpointer/threads.js';
import { hasCode } from '../errors/checkpoint-error.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import type { RawRecord, ReportedThreadStatus, ThreadQuery } from '../records.js';
import type { CheckpointSaver, MaintainableSaver } from '../saver.js';
import { type PruneContext, pruneThread } from './prune-thread.js';
import { allStreams } from './streams.js';

export interface ExpireRequest {
  /** Only threads whose last commit or write is older than so many milliseconds. */
  readonly olderThanMs: number;
  /** Only threads of this status; default any. */
  readonly status?: ReportedThreadStatus | undefined;
  /** Only threads whose head's metadata has every one of these top-level pairs. */
  readonly filter?: Metadata | undefined;
  /** Tells which would go, and removes none. */
  readonly dryRun?: boolean | undefined;
  /** Called with each thread that was removed, or in a dry run would be; what it throws ends the call. */
  readonly onThread?: ((threadId: string) => void) | undefined;
  /** Ends the call between two threads. */
  readonly signal?: AbortSignal | undefined;
}

export interface ExpireReport {
  /** How many threads were removed, or in a dry run would be. */
  readonly threads: number;
  /** Threads left alone, as somebody held their lease or had written to them since they were listed; in a dry run, those that run. */
  readonly busy: number;
}

const ttlMs = 60_000;

/** Of up to so many rows a thread is removed at once; of a longer one the past goes before, in the saver's own batches. */
const mostRowsAtOnce = 500;

/**
 * @param removed - told of each thread that is gone.
 * @throws InvalidArgumentError; what the saver throws.
 */
export async function expireThreads(
  context: Omit<PruneContext, 'policy' | 'signal'>,
  { olderThanMs, status, filter, dryRun = false, onThread, signal }: ExpireRequest,
  removed: (threadId: string) => void,
): Promise<ExpireReport> {
  if (!(Number.isFinite(olderThanMs) && olderThanMs >= 0))
    throw new InvalidArgumentError(`olderThanMs must be a number from 0 up, not ${String(olderThanMs)}.`);
  const { codec, saver } = context;
  const removable = dryRun ? undefined : { ...context, saver: maintained(saver, 'expireThreads') };
  const report = { threads: 0, busy: 0 };
  const wanted = { status, filter, updatedBefore: new Date(context.now - olderThanMs) };
  // A filter is searched for by each key that it may have been stored under, and no thread is found by two.
  for (const tokens of await codec.search.searchesFor(filter)) await expireListed(threadQuery(wanted, tokens));
  return report;

  async function expireListed(query: ThreadQuery): Promise<void> {
    let before: string | undefined;
    for await (const { threadId, status: seen } of saver.listThreads(query)) {
      signal?.throwIfAborted();
      const isStillOne = () => isStill(saver, query, threadId, before);
      const goes = removable ? await remove(removable, threadId, isStillOne) : seen !== 'running';
      if (goes && removable) removed(threadId);
      if (goes) onThread?.(threadId);
      report[goes ? 'threads' : 'busy'] += 1;
      before = threadId;
    }
  }
}

async function remove(
  context: Omit<PruneContext, 'policy' | 'signal'> & { readonly saver: MaintainableSaver },
  threadId: string,
  isStillOne: () => Promise<boolean>,
): Promise<boolean> {
  const { saver } = context;
  try {
    const lease = await saver.acquireLease(threadId, { holder: `expire ${randomUUID()}`, ttlMs });
    return await holdLease(saver, lease, ttlMs, async (lost) => {
      if (!(await isStillOne())) return false;
      await shorten({ ...context, signal: lost }, threadId);
      await saver.renewLease(lease, ttlMs);
      await saver.restore(threadId, noRows(), lease.token);
      return true;
    });
  } catch (error) {
    if (hasCode(error, 'CAIRN_THREAD_BUSY') || hasCode(error, 'CAIRN_LEASE_LOST')) return false;
    throw error;
  }
}

/**
 * Whether the thread is one of those asked for, now that its lease is held.
 *
 * @param before - the one listed before it; undefined for the first.
 */
async function isStill(
  saver: CheckpointSaver,
  { status, ...query }: ThreadQuery,
  threadId: string,
  before: string | undefined,
): Promise<boolean> {
  // An abandoned thread is a running one whose lease nobody holds, and we do.
  const now = status === 'abandoned' ? 'running' : status;
  for (let after = before; ; ) {
    let next: string | undefined;
    const place = {
      limit: 1,
      ...(now !== undefined && { status: now }),
      ...(after !== undefined && { afterThreadId: after }),
    };
    for await (const thread of saver.listThreads({ ...query, ...place })) next = thread.threadId;
    if (next === undefined || compareText(next, threadId) >= 0) return next === threadId;
    after = next;
  }
}

/** Leaves what its heads need; stops where the lease is lost. */
async function shorten(
  context: Omit<PruneContext, 'policy'> & { readonly saver: MaintainableSaver },
  threadId: string,
): Promise<void> {
  let rows = 0;
  for await (const row of context.saver.scan(threadId)) {
    if (row.kind === 'thread') rows = row.rowCount;
    break;
  }
  if (rows <= mostRowsAtOnce) return;
  // Small enough to stop soon, few enough for a saver that looks at all of the stream in each.
  const batchSize = Math.max(mostRowsAtOnce, Math.ceil(rows / 20));
  try {
    const streams = await allStreams(context.codec, context.saver, threadId, []);
    await pruneThread({ ...context, batchSize, policy: { keepLast: 1 } }, threadId, streams);
  } catch (error) {
    // What is damaged goes, too.
    if (!hasCode(error, 'CAIRN_CORRUPT_CHECKPOINT')) throw error;
  }
}

async function* noRows(): AsyncGenerator<RawRecord> {}
