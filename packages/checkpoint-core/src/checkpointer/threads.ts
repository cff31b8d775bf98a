/** Whole threads: listing them with their metadata, and what the public queries mean below the line. */
import { type CheckpointId, checkNamespace, checkThreadId, compareText, type Namespace } from '../address.js';
import type { Metadata } from '../checkpoint-body.js';
import { CheckpointError, quoteId } from '../errors/checkpoint-error.js';
import { CorruptCheckpointError } from '../errors/encoding-errors.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import {
  type ListQuery,
  type ReportedThreadStatus,
  type ThreadQuery,
  type ThreadSummary,
  threadStatuses,
} from '../records.js';
import type { CheckpointSaver } from '../saver.js';
import { listPastDamage } from './list-past-damage.js';
import { mergeOrdered } from './merge-ordered.js';
import { readInfo } from './read.js';
import type { RowCodec } from './row-codec.js';
import type { CheckpointInfo } from './snapshot.js';

export interface ThreadsRequest {
  readonly status?: ReportedThreadStatus | undefined;
  /** Only threads whose head's metadata has every one of these top-level pairs, exactly. */
  readonly filter?: Metadata | undefined;
  /** Only threads that nothing was written to since. */
  readonly updatedBefore?: Date | undefined;
  /** Only thread ids after this one: the last id of the page before. */
  readonly after?: string | undefined;
  /** At most so many; default all. */
  readonly limit?: number | undefined;
  /**
   * Called with each thread whose head can't be read (it is damaged, or sealed with a key that is not known here or could not be
   * fetched), and why; it is passed over then, and counts towards `limit`. Default: the listing ends with that error.
   */
  readonly onUnreadable?: ((threadId: string, error: CheckpointError) => void) | undefined;
}

/** A thread as listed, without its values. */
export interface ThreadInfo {
  readonly threadId: string;
  readonly status: ReportedThreadStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** The root stream's head; undefined when the thread has checkpoints in nested namespaces only. */
  readonly checkpointId: CheckpointId | undefined;
  readonly seq: number | undefined;
  /** The root head's metadata. */
  readonly metadata: Metadata;
}

export interface HistoryRequest {
  readonly threadId: string;
  /** Default `[]`, the root. */
  readonly namespace?: Namespace | undefined;
  /** Only checkpoints whose metadata has every one of these top-level pairs, exactly. */
  readonly filter?: Metadata | undefined;
  /** Only checkpoints older than this one. */
  readonly before?: CheckpointId | undefined;
  /** Default `desc`: newest first. */
  readonly order?: 'asc' | 'desc' | undefined;
  /** At most so many; 0 is none; default all. */
  readonly limit?: number | undefined;
}

/**
 * @param tokens - what the filter is searched by.
 * @throws InvalidAddressError, InvalidArgumentError before anything is read.
 */
export function threadQuery(request: ThreadsRequest, tokens: readonly string[]): ThreadQuery {
  const { status, filter, updatedBefore, after, limit } = request;
  if (after !== undefined) checkThreadId(after);
  if (status !== undefined) checkStatus(status, [...threadStatuses, 'abandoned']);
  if (updatedBefore !== undefined && !(updatedBefore.getTime?.() >= Number.NEGATIVE_INFINITY)) {
    throw new InvalidArgumentError('updatedBefore must be a valid Date.');
  }
  return {
    ...(status !== undefined && { status }),
    ...(filter !== undefined && { tokens }),
    ...(updatedBefore !== undefined && { updatedBefore: updatedBefore.getTime() }),
    ...(after !== undefined && { afterThreadId: after }),
    ...checkedLimit(limit),
  };
}

/** As {@link threadQuery}; `before` is looked up by the caller. */
function listQuery(request: HistoryRequest, tokens: readonly string[], beforeSeq: number | undefined): ListQuery {
  const { threadId, namespace = [], filter, order, limit } = request;
  checkThreadId(threadId);
  checkNamespace(namespace);
  if (order !== undefined && order !== 'asc' && order !== 'desc') {
    throw new InvalidArgumentError(`order must be 'asc' or 'desc', not ${quoteId(String(order))}.`);
  }
  return {
    threadId,
    namespace,
    ...(filter !== undefined && { tokens }),
    ...(order !== undefined && { order }),
    ...(beforeSeq !== undefined && { beforeSeq }),
    ...checkedLimit(limit),
  };
}

const reportedStatuses: ReadonlySet<string> = new Set<ReportedThreadStatus>([...threadStatuses, 'abandoned']);

/** The checkpoints that a request asks for, opened, in its order. */
export async function* findInfos(
  codec: RowCodec,
  saver: CheckpointSaver,
  request: HistoryRequest,
  beforeSeq: number | undefined,
): AsyncGenerator<CheckpointInfo, void, undefined> {
  const searches = await codec.search.searchesFor(request.filter);
  const listings = searches.map((tokens) => listInfos(codec, saver, listQuery(request, tokens, beforeSeq)));
  const sign = request.order === 'asc' ? 1 : -1;
  yield* mergeOrdered(listings, (a, b) => sign * (a.seq - b.seq), request.limit);
}

/** The threads that a request asks for, opened, by id. */
export async function* findThreads(
  codec: RowCodec,
  saver: CheckpointSaver,
  request: ThreadsRequest,
): AsyncGenerator<ThreadInfo, void, undefined> {
  const searches = await codec.search.searchesFor(request.filter);
  const listings = searches.map((tokens) =>
    openThreads(codec, saver, threadQuery(request, tokens), request.onUnreadable),
  );
  yield* mergeOrdered(listings, (a, b) => compareText(a.threadId, b.threadId), request.limit);
}

/** The checkpoints that a query lists, opened. */
async function* listInfos(
  codec: RowCodec,
  saver: CheckpointSaver,
  query: ListQuery,
): AsyncGenerator<CheckpointInfo, void, undefined> {
  for await (const header of saver.list(query)) yield await readInfo(codec, header);
}

/** The threads that a query lists, opened; past those that can't be read, where somebody is told of them. */
async function* openThreads(
  codec: RowCodec,
  saver: CheckpointSaver,
  query: ThreadQuery,
  onUnreadable: ThreadsRequest['onUnreadable'],
): AsyncGenerator<ThreadInfo, void, undefined> {
  const passOver = (threadId: string, error: unknown): void => {
    if (onUnreadable === undefined || !(error instanceof CheckpointError)) throw error;
    onUnreadable(threadId, error);
  };
  for await (const listed of onUnreadable ? listPastDamage(saver, query) : saver.listThreads(query)) {
    if ('error' in listed) {
      passOver(listed.threadId, listed.error);
      continue;
    }
    // The index keys are no thread's: without them the listing ends.
    const indexKeys = codec.fetchKeysOf([]);
    if (indexKeys !== undefined) await indexKeys;
    let thread: ThreadInfo | undefined;
    try {
      const keys = listed.head && codec.fetchKeysOf([listed.head]);
      if (keys !== undefined) await keys;
      thread = openThread(codec, listed, query);
    } catch (error) {
      passOver(listed.threadId, error);
    }
    if (thread !== undefined) yield thread;
  }
}

/** @throws CorruptCheckpointError when the head is damaged or lacks what was searched for, or the status is none. */
function openThread(codec: RowCodec, summary: ThreadSummary, { tokens = [] }: ThreadQuery): ThreadInfo {
  const { threadId, status, createdAt, updatedAt, head } = summary;
  if (!reportedStatuses.has(status)) {
    throw new CorruptCheckpointError(
      `Thread ${quoteId(threadId)} has the status ${quoteId(status)}, which is none. Restore a backup.`,
      { threadId },
    );
  }
  if (tokens.some((token) => !head?.tokens.includes(token))) {
    throw new CorruptCheckpointError(
      `Thread ${quoteId(threadId)} was found by metadata that its head does not have. Restore a backup.`,
      { threadId },
    );
  }
  return {
    threadId,
    status,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    checkpointId: head?.checkpointId,
    seq: head?.seq,
    metadata: head ? codec.openHeader(head).body.metadata : {},
  };
}

/** @throws InvalidArgumentError unless `status` is one of those that are known. */
export function checkStatus(status: string, known: readonly string[]): void {
  if (known.includes(status)) return;
  throw new InvalidArgumentError(`status must be one of ${known.join(', ')}, not ${quoteId(String(status))}.`);
}

function checkedLimit(limit: number | undefined): { limit?: number } {
  if (limit === undefined) return {};
  if (Number.isInteger(limit) && limit >= 0) return { limit };
  throw new InvalidArgumentError(`limit must be a whole number from 0 up, not ${String(limit)}.`);
}
