/** Listing a store's threads where some have rows that the saver itself can't show. */
import { compareText } from '../address.js';
import { hasCode } from '../errors/checkpoint-error.js';
import type { ThreadQuery, ThreadSummary } from '../records.js';
import type { CheckpointSaver } from '../saver.js';

export interface UnreadableThread {
  readonly threadId: string;
  readonly error: unknown;
}

/**
 * What `listThreads` lists, and in its place each thread that ends the saver's own listing with a `CorruptCheckpointError`.
 *
 * A saver may read many threads at once, and fail before it has shown the first. So from such an error on they are asked for
 * one by one, until it comes again: then it is the next thread's.
 */
export async function* listPastDamage(
  saver: CheckpointSaver,
  query: ThreadQuery,
): AsyncGenerator<ThreadSummary | UnreadableThread, void, undefined> {
  let rest = query;
  for (let isOneByOne = false; ; ) {
    let shown = 0;
    try {
      for await (const summary of saver.listThreads(
        isOneByOne ? { ...rest, limit: Math.min(1, rest.limit ?? 1) } : rest,
      )) {
        shown += 1;
        rest = after(rest, summary.threadId);
        yield summary;
      }
    } catch (error) {
      const threadId = hasCode(error, 'CAIRN_CORRUPT_CHECKPOINT') ? error.threadId : undefined;
      if (threadId === undefined || compareText(threadId, rest.afterThreadId ?? '') <= 0) throw error;
      if (isOneByOne) {
        rest = after(rest, threadId);
        yield { threadId, error };
      }
      isOneByOne = !isOneByOne;
      continue;
    }
    if (!isOneByOne || shown === 0) return;
  }
}

function after({ limit, ...query }: ThreadQuery, threadId: string): ThreadQuery {
  return { ...query, afterThreadId: threadId, ...(limit !== undefined && { limit: limit - 1 }) };
}
