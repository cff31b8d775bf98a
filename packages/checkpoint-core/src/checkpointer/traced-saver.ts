/** The calls of a saver that move a thread's bytes, traced: `cairn:commit`, `cairn:record` and `cairn:read`. */
import type { CheckpointAddress, CheckpointId, Namespace } from '../address.js';
import type { CheckpointCommit, PendingWriteBatch, StoredCheckpoint } from '../records.js';
import type { CheckpointSaver } from '../saver.js';
import { type Traced, tracedCalls } from '../tracing.js';

interface TracedStorage extends Traced {
  readonly threadId: string;
  readonly namespace: Namespace;
}

/** The context of `cairn:commit`: one `put`. */
export interface CommitTrace extends TracedStorage {
  readonly checkpointId: CheckpointId;
  readonly seq: number;
  /** The channels of which a record is stored; those with short values ride in the header. */
  readonly channels: readonly string[];
  /** What is stored: the header and the changed channels' records, encoded. */
  readonly bytes: number;
}

/** The context of `cairn:record`: one `putWrites`. */
export interface RecordTrace extends TracedStorage {
  readonly checkpointId: CheckpointId;
  readonly taskId: string;
  readonly keys: readonly string[];
  readonly bytes: number;
}

/** The context of `cairn:read`: one `get`. */
export interface ReadTrace extends TracedStorage {
  /** Undefined: the head was asked for. */
  readonly checkpointId: CheckpointId | undefined;
  /** Set when the call has settled: the seq of what was found, and the bytes that came with it; 0 for nothing. */
  seq?: number | undefined;
  bytes?: number;
}

const commits = tracedCalls<CommitTrace>('cairn:commit');
const recordings = tracedCalls<RecordTrace>('cairn:record');
const reads = tracedCalls<ReadTrace>('cairn:read');

export function put(saver: CheckpointSaver, commit: CheckpointCommit): Promise<void> {
  if (!commits.hasSubscribers) return saver.put(commit);
  const { threadId, namespace, checkpointId, seq, records, bytes } = commit;
  const channels = records.map(({ channel }) => channel);
  const trace = { threadId, namespace, checkpointId, seq, channels, bytes: bytes.length + bytesOf(records) };
  return commits.run(trace, () => saver.put(commit));
}

export function putWrites(saver: CheckpointSaver, batch: PendingWriteBatch): Promise<void> {
  if (!recordings.hasSubscribers) return saver.putWrites(batch);
  const { threadId, namespace, checkpointId, taskId, writes } = batch;
  const keys = writes.map(({ key }) => key);
  const trace = { threadId, namespace, checkpointId, taskId, keys, bytes: bytesOf(writes) };
  return recordings.run(trace, () => saver.putWrites(batch));
}

export function get(saver: CheckpointSaver, address: CheckpointAddress): Promise<StoredCheckpoint | undefined> {
  if (!reads.hasSubscribers) return saver.get(address);
  const { threadId, namespace, checkpointId } = address;
  const trace: ReadTrace = { threadId, namespace, checkpointId };
  return reads.run(trace, async () => {
    const stored = await saver.get(address);
    trace.seq = stored?.header.seq;
    trace.bytes = stored ? stored.header.bytes.length + bytesOf(stored.records) + bytesOf(stored.writes) : 0;
    return stored;
  });
}

function bytesOf(rows: readonly { readonly bytes: Uint8Array }[]): number {
  return rows.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
