/** What several methods look up in a thread. */
import {
  type RawCheckpoint,
  reportedStatus,
  type StoredHead,
  type StreamAddress,
  ThreadExistsError,
  type ThreadSummary,
} from '@cairn/checkpoint-core';
import { checkpointKey, idKey, recordKey, streamKey, threadKey } from './keys.js';
import { guardLease, liveLease } from './leases.js';
import type { Rows } from './store.js';

export function findHead(rows: Rows, at: StreamAddress): StoredHead | undefined {
  const stream = rows.get(streamKey(at));
  return stream && { checkpointId: stream.headId, seq: stream.lastSeq, writes: stream.writes };
}

export function findCheckpoint(rows: Rows, at: StreamAddress, id: string): RawCheckpoint | undefined {
  const seq = rows.get(idKey(at, id));
  return seq === undefined ? undefined : rows.get(checkpointKey(at, seq));
}

/** The keys of the records that a checkpoint's values are made of: by channel, then seq. */
export function neededRecords(rows: Rows, at: RawCheckpoint): ReturnType<typeof recordKey>[] {
  const own = rows.getAll(at.channels.map(({ channel, seq }) => recordKey(at, channel, seq)));
  return own.flatMap(({ channel, seq, restsOn }) => [...restsOn, seq].map((each) => recordKey(at, channel, each)));
}

/** @returns undefined for a thread that has a lease and no checkpoint. */
export function summarize(rows: Rows, threadId: string): ThreadSummary | undefined {
  const thread = rows.get(threadKey(threadId));
  if (thread === undefined) return undefined;
  const { createdAt, updatedAt } = thread;
  const status = reportedStatus(thread.status, liveLease(rows, threadId) !== undefined);
  const root = { threadId, namespace: [] };
  const head = findHead(rows, root);
  return {
    threadId,
    status,
    createdAt,
    updatedAt,
    head: head && findCheckpoint(rows, root, head.checkpointId),
  };
}

/** @throws ThreadExistsError, ThreadBusyError unless a thread may be made under this id. */
export function checkFree(rows: Rows, threadId: string): void {
  if (rows.get(threadKey(threadId)) !== undefined) throw new ThreadExistsError(threadId);
  guardLease(rows, threadId);
}
