/** Reads one checkpoint with what its values are made of: `CheckpointSaver.get`. One statement, whatever its size. */
import {
  type CheckpointAddress,
  CorruptCheckpointError,
  compareText,
  quoteId,
  type StoredCheckpoint,
} from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { streamKey } from '../namespaces.js';
import { type HeaderRow, toHeader, toRecord, toWrite } from '../rows.js';

const getSql = 'SELECT * FROM @schema.get($1, $2, $3)';

interface PartRow extends Omit<HeaderRow, 'checkpoint_id' | 'digest'> {
  readonly kind: 'header' | 'record' | 'write' | 'lost';
  readonly name: string;
  readonly key: string;
  readonly text: string;
  readonly origin: string;
  readonly head_id: string;
  readonly last_seq: number;
  readonly head_writes: number;
}

export async function get(
  db: Connection,
  { threadId, namespace, checkpointId }: CheckpointAddress,
): Promise<StoredCheckpoint | undefined> {
  const stream = streamKey({ threadId, namespace });
  const [first, ...parts] = await db.all<PartRow>(getSql, stream.thread_id, stream.namespace, checkpointId ?? null);
  if (first === undefined) return undefined;
  if (first.kind === 'lost') throw lost(threadId, first.name);
  const { origin, head_id, last_seq, head_writes } = first;
  return {
    header: toHeader({ ...first, checkpoint_id: first.name, digest: first.text }, threadId, namespace, origin),
    head: { checkpointId: head_id, seq: last_seq, writes: head_writes },
    // Sorted here, as the server's sorter would carry the bytes along.
    records: parts
      .filter(({ kind }) => kind === 'record')
      .sort(byChannelAndSeq)
      .map(({ name, seq, text, bytes }) => toRecord({ channel: name, seq, rests_on: text, bytes })),
    writes: parts
      .filter(({ kind }) => kind === 'write')
      .map(({ name, key, text, bytes }) => toWrite({ task_id: name, key, digest: text, bytes })),
  };
}

function lost(threadId: string, what: string): CorruptCheckpointError {
  return new CorruptCheckpointError(
    `Thread ${quoteId(threadId)} has lost ${what}: rows were removed by hand or by damage. Restore a backup.`,
    { threadId },
  );
}

function byChannelAndSeq(a: PartRow, b: PartRow): number {
  return a.name === b.name ? a.seq - b.seq : compareText(a.name, b.name);
}
