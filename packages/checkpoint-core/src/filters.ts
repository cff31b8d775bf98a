/** Which rows a query wants, for savers whose stores don't filter themselves. Tokens match whole or not at all (law 8). */
import { compareText } from './address.js';
import type {
  CheckpointHeader,
  ListQuery,
  ReportedThreadStatus,
  ThreadQuery,
  ThreadStatus,
  ThreadSummary,
} from './records.js';

/** All of the query's conditions but order and limit. */
export function isWantedHeader({ seq, tokens }: CheckpointHeader, query: ListQuery): boolean {
  const { afterSeq = 0, beforeSeq = Number.POSITIVE_INFINITY } = query;
  return seq > afterSeq && seq < beforeSeq && hasAll(tokens, query.tokens);
}

/** All of the query's conditions but the limit. */
export function isWantedThread({ threadId, status, updatedAt, head }: ThreadSummary, query: ThreadQuery): boolean {
  if (query.status !== undefined && status !== query.status) return false;
  if (query.updatedBefore !== undefined && updatedAt >= query.updatedBefore) return false;
  if (query.afterThreadId !== undefined && compareText(threadId, query.afterThreadId) <= 0) return false;
  return hasAll(head?.tokens ?? [], query.tokens);
}

/** A thread that runs and that nobody holds a live lease on is abandoned: its runner died. */
export function reportedStatus(status: ThreadStatus, isLeased: boolean): ReportedThreadStatus {
  return status === 'running' && !isLeased ? 'abandoned' : status;
}

function hasAll(own: readonly string[], wanted: readonly string[] = []): boolean {
  return wanted.every((token) => own.includes(token));
}
