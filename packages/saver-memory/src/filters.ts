/** Which rows a query wants. Tokens match whole or not at all. */
import type { CheckpointHeader, ListQuery, ThreadQuery, ThreadSummary } from '@cairn/checkpoint-core';
import { compareText } from '@cairn/checkpoint-core';

export function isWantedHeader({ seq, tokens }: CheckpointHeader, query: ListQuery): boolean {
  const { afterSeq = 0, beforeSeq = Number.POSITIVE_INFINITY } = query;
  return seq > afterSeq && seq < beforeSeq && hasAll(tokens, query.tokens);
}

export function isWantedThread({ threadId, status, updatedAt, head }: ThreadSummary, query: ThreadQuery): boolean {
  if (query.status !== undefined && status !== query.status) return false;
  if (query.updatedBefore !== undefined && updatedAt >= query.updatedBefore) return false;
  if (query.afterThreadId !== undefined && compareText(threadId, query.afterThreadId) <= 0) return false;
  return hasAll(head?.tokens ?? [], query.tokens);
}

function hasAll(own: readonly string[], wanted: readonly string[] = []): boolean {
  return wanted.every((token) => own.includes(token));
}
