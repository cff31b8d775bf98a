/** Listings, page by page: each page is read from a snapshot of its own, and none is held while the caller works. */
import {
  type CheckpointHeader,
  isWantedHeader,
  isWantedThread,
  type ListQuery,
  type ThreadQuery,
  type ThreadSummary,
} from '@cairn/checkpoint-core';
import { checkpointKey, checkpointsOf } from './keys.js';
import type { Store } from './store.js';
import { summarize } from './thread-reads.js';

const pageSize = 100;

export async function* listHeaders(store: Store, query: ListQuery): AsyncIterable<CheckpointHeader> {
  store.checkOpen();
  const { order, afterSeq, beforeSeq, limit = Number.POSITIVE_INFINITY } = query;
  const reverse = order !== 'asc';
  const range = { ...checkpointsOf(query) };
  if (afterSeq !== undefined) range.gt = checkpointKey(query, afterSeq);
  if (beforeSeq !== undefined) range.lt = checkpointKey(query, beforeSeq);
  for (let left = limit; left > 0; ) {
    const page = await store.read((rows) => rows.list(range, { reverse, limit: pageSize }));
    const wanted = page.filter((header) => isWantedHeader(header, query)).slice(0, left);
    yield* wanted;
    left -= wanted.length;
    const last = page[pageSize - 1];
    if (last === undefined) return;
    range[reverse ? 'lt' : 'gt'] = checkpointKey(query, last.seq);
  }
}

export async function* listThreads(store: Store, query: ThreadQuery): AsyncIterable<ThreadSummary> {
  store.checkOpen();
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  for await (const threadId of threadIds(store, query.afterThreadId)) {
    if (left <= 0) return;
    const thread = await store.read((rows) => summarize(rows, threadId));
    if (thread === undefined || !isWantedThread(thread, query)) continue;
    yield thread;
    left -= 1;
  }
}

/** Bytewise, each found by a search of its own, so that what others write meanwhile neither hides nor repeats one. */
export async function* threadIds(store: Store, after = ''): AsyncIterable<string> {
  for (let last = after; ; ) {
    const next = await store.read((rows) => rows.nextThread(last));
    if (next === undefined) return;
    yield next;
    last = next;
  }
}
