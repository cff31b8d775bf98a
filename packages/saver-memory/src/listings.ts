/** Listings: of what there is when the first row is asked for; each row is copied when its turn comes. */
import {
  type CheckpointHeader,
  compareText,
  isWantedHeader,
  isWantedThread,
  type ListQuery,
  type ThreadQuery,
  type ThreadSummary,
} from '@cairn/checkpoint-core';
import type { LeaseBook } from './lease-book.js';
import type { MemoryThread } from './memory-thread.js';
import { ownHeader, summarize } from './summarize.js';

type Threads = ReadonlyMap<string, MemoryThread>;

/** @param checkOpen - asked before each row. @throws SaverClosedError */
export async function* listHeaders(
  query: ListQuery,
  threads: Threads,
  checkOpen: () => void,
): AsyncIterable<CheckpointHeader> {
  checkOpen();
  const thread = threads.get(query.threadId);
  if (thread === undefined) return;
  const headers = thread.checkpoints(query.namespace).filter((header) => isWantedHeader(header, query));
  if (query.order !== 'asc') headers.reverse();
  for (const header of headers.slice(0, query.limit)) {
    checkOpen();
    yield ownHeader(header, thread);
  }
}

/** @param checkOpen - asked before each row. @throws SaverClosedError */
export async function* listThreads(
  query: ThreadQuery,
  threads: Threads,
  leases: LeaseBook,
  checkOpen: () => void,
): AsyncIterable<ThreadSummary> {
  checkOpen();
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  for (const threadId of [...threads.keys()].sort(compareText)) {
    if (left <= 0) return;
    checkOpen();
    const summary = summarize(threadId, threads.get(threadId), leases.live(threadId) !== undefined);
    if (summary === undefined || !isWantedThread(summary, query)) continue;
    left -= 1;
    yield summary;
  }
}
