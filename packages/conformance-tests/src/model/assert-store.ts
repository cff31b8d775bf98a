/** Whether a saver shows exactly what the model store holds, in every way the contract offers. */
import type { CheckpointSaver, ThreadQuery, ThreadSummary } from '@cairn/checkpoint-core';
import { assertSame } from '../fixtures/assert-same.js';
import { headerOf } from '../fixtures/commits.js';
import { assertNoStream, assertStream } from '../fixtures/expected-stream.js';
import { collect, plainHeader, plainSummary } from '../fixtures/reads.js';
import type { ModelStore } from './model-store.js';

/** Asserts that these threads are as in the model, those that it lacks included. */
export async function assertThreads(saver: CheckpointSaver, model: ModelStore, ids: readonly string[]): Promise<void> {
  for (const threadId of ids) {
    const thread = model.threads.get(threadId);
    if (thread === undefined) await assertNoStream(saver, { threadId, namespace: [] });
    for (const stream of thread?.streams.values() ?? []) await assertStream(saver, stream);
  }
  await assertListing(saver, model, ids, {});
}

/** Asserts that `listThreads` gives those of the threads that the query wants; other threads do not matter. */
export async function assertListing(
  saver: CheckpointSaver,
  model: ModelStore,
  ids: readonly string[],
  query: Pick<ThreadQuery, 'status' | 'updatedBefore'>,
): Promise<void> {
  const listed = (await collect(saver.listThreads(query))).filter(({ threadId }) => ids.includes(threadId));
  const expected = model
    .threadIds()
    .filter((threadId) => ids.includes(threadId))
    .map((threadId) => summaryIn(model, threadId))
    .filter(({ status }) => query.status === undefined || status === query.status)
    .filter(({ updatedAt }) => query.updatedBefore === undefined || updatedAt < query.updatedBefore);
  assertSame(listed.map(plainSummary), expected, 'listThreads shows each thread as it is');
}

function summaryIn(model: ModelStore, threadId: string): ThreadSummary {
  const thread = model.threads.get(threadId);
  if (thread === undefined) throw new TypeError(`the model has no thread ${threadId}`);
  const { status, createdAt, updatedAt } = thread;
  const head = model.stream({ threadId, namespace: [] })?.head;
  return {
    threadId,
    status: status === 'running' && !model.leases.has(threadId) ? 'abandoned' : status,
    createdAt,
    updatedAt,
    head: head && plainHeader(headerOf(head)),
  };
}
