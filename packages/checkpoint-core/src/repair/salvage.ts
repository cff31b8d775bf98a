/** The last good checkpoint of a damaged thread, and a copy of its good past to go on from. */
import { type CheckpointId, checkNamespace, checkThreadId, type Namespace } from '../address.js';
import type { LoadedCheckpoint } from '../checkpointer/loaded.js';
import { maintained } from '../checkpointer/maintained.js';
import { openLoaded } from '../checkpointer/read.js';
import type { RowCodec } from '../checkpointer/row-codec.js';
import { NoWholeCheckpointError } from '../errors/encoding-errors.js';
import { CheckpointNotFoundError, ThreadNotFoundError } from '../errors/storage-errors.js';
import type { ChannelRecord, CheckpointHeader } from '../records.js';
import type { CheckpointSaver } from '../saver.js';
import type { JudgedCheckpoint, Judgement, MendedHead } from './judgement.js';
import { ReadableRows } from './readable-rows.js';
import { checkpointKey, recordKey, type SetAsideRow } from './set-aside.js';
import { ThreadJudge } from './thread-judge.js';

export interface SalvageRequest {
  readonly threadId: string;
  /** Whose last good checkpoint is asked for; default `[]`, the root. */
  readonly namespace?: Namespace | undefined;
  /** The id of a thread that does not exist yet: it becomes a copy of all that is whole, and can be gone on with. */
  readonly to?: string | undefined;
}

export interface SalvagedThread {
  /** The stream's newest checkpoint that reads whole, with its values. */
  readonly checkpoint: LoadedCheckpoint;
  /** What of the thread does not read whole, and what belongs to nothing: each row, and why. */
  readonly skipped: readonly SetAsideRow[];
  /** How many more rows the thread counts than are there. */
  readonly missingRows: number;
  /** Why the saver could not show every row; undefined when it could. */
  readonly unreadable: string | undefined;
  /** Where each stream of the thread ends whole. */
  readonly heads: readonly MendedHead[];
  /** The copy, where one was asked for. */
  readonly copiedTo: string | undefined;
}

/**
 * @throws ThreadNotFoundError when nothing at all is stored of the thread or stream.
 * @throws NoWholeCheckpointError when not one checkpoint of the stream reads whole.
 */
export async function salvageThread(
  codec: RowCodec,
  saver: CheckpointSaver,
  { threadId, namespace = [], to }: SalvageRequest,
): Promise<SalvagedThread> {
  checkThreadId(threadId);
  checkNamespace(namespace);
  if (to !== undefined) checkThreadId(to);
  const rows = new ReadableRows(codec, saver, threadId);
  const judgement = await judgeRows(codec, threadId, rows);
  const { setAside: skipped, missingRows, heads } = judgement;
  const newest = judgement.newest(namespace);
  const unreadable = rows.unreadable?.message;
  if (newest === undefined) {
    const isKnown = !judgement.isEmpty || rows.unreadable !== undefined;
    if (!isKnown) throw new ThreadNotFoundError(threadId, { namespace });
    throw new NoWholeCheckpointError(threadId, skipped.length, { namespace, cause: rows.unreadable });
  }
  const checkpoint = await loadOf(codec, threadId, rows, newest, judgement.recordsOf(newest));
  if (to !== undefined) {
    await maintained(saver, 'a salvage into a copy').restore(to, judgement.mend(rows));
  }
  return { checkpoint, skipped, missingRows, unreadable, heads, copiedTo: to };
}

/** Judges every row that comes. */
export async function judgeRows(codec: RowCodec, threadId: string, rows: ReadableRows): Promise<Judgement> {
  const judge = new ThreadJudge(codec, threadId);
  for await (const row of rows) await judge.add(row);
  return judge.judge();
}

async function loadOf(
  codec: RowCodec,
  threadId: string,
  rows: ReadableRows,
  { namespace, checkpointId, seq, origin = threadId }: JudgedCheckpoint,
  needed: ReadonlySet<string>,
): Promise<LoadedCheckpoint> {
  const records: ChannelRecord[] = [];
  let header: CheckpointHeader | undefined;
  for await (const row of rows) {
    if (row.kind === 'record' && needed.has(recordKey(row.namespace, row.channel, row.seq))) records.push(row);
    if (row.kind !== 'checkpoint' || !isAt(row, namespace, checkpointId)) continue;
    header = { ...row, origin };
  }
  // Pruned since it was judged.
  if (header === undefined) throw new CheckpointNotFoundError(threadId, checkpointId, { namespace });
  // As the head of a stream without pending writes: only its values are read.
  const stored = { header, head: { checkpointId, seq, writes: 0 }, records, writes: [] };
  return openLoaded(codec, stored);
}

function isAt(row: CheckpointHeader, namespace: Namespace, checkpointId: CheckpointId): boolean {
  return checkpointKey(row.namespace, row.checkpointId) === checkpointKey(namespace, checkpointId);
}
