/**
 * Where each row lies in LevelDB, which is one sorted map from bytes to bytes.
 *
 * A key is its parts joined by NUL, thread id first. No id contains NUL, so two addresses never have one key; NUL sorts
 * before every other character, and LevelDB compares UTF-8 bytewise, so rows are stored in the order the contract asks
 * for. A namespace has any number of segments, none empty, so an empty part ends it.
 */
import type {
  Lease,
  RawChannelRecord,
  RawCheckpoint,
  RawPendingWrite,
  RawRecord,
  RawStream,
  RawThread,
  StreamAddress,
} from '@cairn/checkpoint-core';

declare const row: unique symbol;
/** A key that remembers what kind of row lies there. */
export type Key<Row> = string & { readonly [row]?: Row };
/** The contract's row and, as core asks for it with every head, how many pending writes that has. */
export type StreamRow = RawStream & { readonly writes: number };
/** `ttlMs`, since each leased `put` starts the lease's time anew. */
export type LeaseRow = Lease & { readonly ttlMs: number };

/** In the order that `scan` yields them; the last two are this saver's own. */
const kinds = { thread: 1, stream: 2, checkpoint: 3, record: 4, write: 5, id: 6, lease: 7 } as const;

function key<Row>(threadId: string, kind: keyof typeof kinds, ...parts: readonly string[]): Key<Row> {
  return [threadId, kinds[kind], ...parts].join('\0') as Key<Row>;
}
const place = ({ namespace }: StreamAddress): string[] => [...namespace, ''];
/** As many digits as the greatest seq has, so that bytewise order is numeric order. */
const digits = (seq: number): string => String(seq).padStart(16, '0');

export const threadKey = (threadId: string): Key<RawThread> => key(threadId, 'thread');
export const leaseKey = (threadId: string): Key<LeaseRow> => key(threadId, 'lease');
export const streamKey = (at: StreamAddress): Key<StreamRow> => key(at.threadId, 'stream', ...place(at));
export const checkpointKey = (at: StreamAddress, seq: number): Key<RawCheckpoint> =>
  key(at.threadId, 'checkpoint', ...place(at), digits(seq));
/** Where the seq of a checkpoint is found by its id. */
export const idKey = (at: StreamAddress, checkpointId: string): Key<number> =>
  key(at.threadId, 'id', ...place(at), checkpointId);
export const recordKey = (at: StreamAddress, channel: string, seq: number): Key<RawChannelRecord> =>
  key(at.threadId, 'record', ...place(at), channel, digits(seq));
export const writeKey = (at: StreamAddress, id: string, taskId: string, name: string): Key<RawPendingWrite> =>
  key(at.threadId, 'write', ...place(at), id, taskId, name);

export function keyOf(row: RawRecord): Key<RawRecord> {
  switch (row.kind) {
    case 'thread':
      return threadKey(row.threadId);
    case 'stream':
      return streamKey(row);
    case 'checkpoint':
      return checkpointKey(row, row.seq);
    case 'record':
      return recordKey(row, row.channel, row.seq);
    case 'write':
      return writeKey(row, row.checkpointId, row.taskId, row.key);
  }
}

/** A stretch of keys, and so of the rows that lie there. */
export interface Range<Row> {
  readonly gt: Key<Row>;
  readonly lt: Key<Row>;
}

/** All keys that begin with these parts and have more: U+0001 is what follows NUL. */
const below = <Row>(prefix: string): Range<Row> => ({
  gt: `${prefix}\0` as Key<Row>,
  lt: `${prefix}\u0001` as Key<Row>,
});

export const wholeThread = (threadId: string): Range<unknown> => below(threadId);
export const rawRows = (threadId: string): Range<RawRecord> => ({
  gt: `${threadId}\0` as Key<RawRecord>,
  lt: key(threadId, 'id'),
});
export const checkpointsOf = (at: StreamAddress): Range<RawCheckpoint> =>
  below(key(at.threadId, 'checkpoint', ...place(at)));
export const recordsOf = (at: StreamAddress): Range<RawChannelRecord> =>
  below(key(at.threadId, 'record', ...place(at)));
export const writesOf = (at: StreamAddress, checkpointId: string): Range<RawPendingWrite> =>
  below(key(at.threadId, 'write', ...place(at), checkpointId));
