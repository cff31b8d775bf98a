/** The thread that can be made of a damaged one's rows: which rows stay, how the others read, and why the rest is left out. */
import { type CheckpointId, type Namespace, namespaceKey } from '../address.js';
import { quoteId } from '../errors/checkpoint-error.js';
import {
  type ChannelVersion,
  type RawRecord,
  type RawStream,
  type RawThread,
  type ThreadStatus,
  threadStatuses,
} from '../records.js';
import { checkpointKey, placeOf, type RowPlace, recordKey, rowKey, type SetAsideRow } from './set-aside.js';

export interface JudgedRow {
  readonly place: RowPlace;
  /** What its checksum is bound to; undefined when it is damaged. */
  readonly origin: string | undefined;
  readonly damage: string | undefined;
}

export interface JudgedCheckpoint extends JudgedRow {
  readonly namespace: Namespace;
  readonly checkpointId: CheckpointId;
  readonly seq: number;
  readonly createdAt: number;
  readonly status: ThreadStatus;
  readonly records: readonly (ChannelVersion & { readonly key: string })[];
  readonly pins: readonly {
    readonly namespace: Namespace;
    readonly checkpointId: CheckpointId;
    readonly key: string;
  }[];
}

export interface JudgedRows {
  readonly thread: RawThread | undefined;
  readonly streams: ReadonlyMap<string, RawStream>;
  readonly checkpoints: ReadonlyMap<string, JudgedCheckpoint>;
  readonly records: ReadonlyMap<string, JudgedRow & { readonly restsOn: readonly string[] }>;
  readonly writes: ReadonlyMap<string, JudgedRow & { readonly checkpoint: string }>;
  /** The first row's that this Checkpointer lacks something to read. */
  readonly unknown: Error | undefined;
}

/** A stream's last whole checkpoint, and where its row said that it ends. */
export interface MendedHead {
  readonly namespace: Namespace;
  readonly checkpointId: CheckpointId;
  readonly seq: number;
  /** Undefined where the stream's own row is lost. */
  readonly was: { readonly checkpointId: CheckpointId; readonly seq: number } | undefined;
}

const orphan = 'No checkpoint that reads whole needs it.';

export class Judgement {
  /** In the order in which they were scanned. */
  readonly setAside: readonly SetAsideRow[];
  readonly heads: readonly MendedHead[];
  /** How many more rows the thread's row counts than came. */
  readonly missingRows: number;
  readonly #threadId: string;
  readonly #origin: string;
  readonly #rows: JudgedRows;
  /** Of the checkpoints that are not whole. */
  readonly #faults: ReadonlyMap<string, string>;
  /** The heads by namespace. */
  readonly #ends = new Map<string, JudgedCheckpoint>();
  /** Of the records that whole checkpoints need. */
  readonly #needed = new Set<string>();
  readonly #thread: RawThread | undefined;

  constructor(threadId: string, origin: string, faults: ReadonlyMap<string, string>, rows: JudgedRows) {
    this.#threadId = threadId;
    this.#origin = origin;
    this.#rows = rows;
    this.#faults = faults;
    for (const checkpoint of this.#whole()) {
      for (const { key } of checkpoint.records) {
        this.#needed.add(key);
        for (const base of rows.records.get(key)?.restsOn ?? []) this.#needed.add(base);
      }
      const stream = namespaceKey(checkpoint.namespace);
      if ((this.#ends.get(stream)?.seq ?? 0) < checkpoint.seq) this.#ends.set(stream, checkpoint);
    }
    const found = rows.checkpoints.size + rows.records.size + rows.writes.size;
    this.missingRows = Math.max(0, (rows.thread?.rowCount ?? found) - found);
    this.heads = [...this.#ends].map(([stream, { namespace, checkpointId, seq }]) => {
      const said = rows.streams.get(stream);
      return { namespace, checkpointId, seq, was: said && { checkpointId: said.headId, seq: said.lastSeq } };
    });
    const lost = this.#lostRows();
    this.#thread = this.#ends.size === 0 ? undefined : this.#mendedThread(lost);
    this.setAside = [...this.#altered(), ...lost];
  }

  get unknown(): Error | undefined {
    return this.#rows.unknown;
  }

  /** True when not one row came. */
  get isEmpty(): boolean {
    const { thread, streams, checkpoints, records, writes } = this.#rows;
    return thread === undefined && [streams, checkpoints, records, writes].every(({ size }) => size === 0);
  }

  /** True when the rows belong to nothing: no thread, or none with a stream or checkpoint, or just a thread's own row. */
  get isOrphans(): boolean {
    const { thread, streams, checkpoints, records, writes } = this.#rows;
    if (thread) return [streams, checkpoints, records, writes].every(({ size }) => size === 0);
    return streams.size === 0 || checkpoints.size === 0;
  }

  /** The newest checkpoint of a stream that is whole. */
  newest(namespace: Namespace): JudgedCheckpoint | undefined {
    return this.#ends.get(namespaceKey(namespace));
  }

  /** The keys of all records that a whole checkpoint's values are made of. */
  recordsOf(checkpoint: JudgedCheckpoint): ReadonlySet<string> {
    const keys = checkpoint.records.flatMap(({ key }) => [key, ...(this.#rows.records.get(key)?.restsOn ?? [])]);
    return new Set(keys);
  }

  /** The rows of the thread that is made. @param rows - those that were judged. */
  async *mend(rows: AsyncIterable<RawRecord>): AsyncGenerator<RawRecord, void, undefined> {
    if (this.#thread) yield this.#thread;
    for (const { namespace, checkpointId, seq } of this.heads) {
      yield { kind: 'stream', threadId: this.#threadId, namespace, lastSeq: seq, headId: checkpointId };
    }
    for await (const row of rows) {
      if (row.kind === 'thread' || row.kind === 'stream' || !this.#keeps(row)) continue;
      yield row.kind === 'checkpoint' ? { ...row, origin: this.#origin } : row;
    }
  }

  #keeps(row: Exclude<RawRecord, RawThread | RawStream>): boolean {
    if (row.kind === 'record') return this.#needed.has(recordKey(row.namespace, row.channel, row.seq));
    if (row.kind === 'write') return this.#faultOfWrite(rowKey(row)) === undefined;
    const key = checkpointKey(row.namespace, row.checkpointId);
    return this.#rows.checkpoints.has(key) && !this.#faults.has(key);
  }

  *#whole(): Generator<JudgedCheckpoint> {
    for (const [key, checkpoint] of this.#rows.checkpoints) if (!this.#faults.has(key)) yield checkpoint;
  }

  #faultOfWrite(key: string): string | undefined {
    const write = this.#rows.writes.get(key);
    if (write?.damage !== undefined) return write.damage;
    if (write?.origin !== this.#origin) return "It is another thread's.";
    const isKept = this.#rows.checkpoints.has(write.checkpoint) && !this.#faults.has(write.checkpoint);
    return isKept ? undefined : 'The checkpoint that it was recorded on is not whole, or is gone.';
  }

  #lostRows(): SetAsideRow[] {
    const { checkpoints, records, writes } = this.#rows;
    const lost: SetAsideRow[] = [];
    for (const [key, { place }] of checkpoints) {
      const reason = this.#faults.get(key);
      if (reason !== undefined) lost.push({ ...place, reason });
    }
    for (const [key, { place, damage }] of records) {
      if (!this.#needed.has(key)) lost.push({ ...place, reason: damage ?? orphan });
    }
    for (const [key, { place }] of writes) {
      const reason = this.#faultOfWrite(key);
      if (reason !== undefined) lost.push({ ...place, reason });
    }
    return lost;
  }

  /** The rows of the thread and its streams that will say something else. */
  *#altered(): Generator<SetAsideRow> {
    const { thread, streams } = this.#rows;
    if (thread && !isSame(thread, this.#thread)) {
      yield { ...placeOf(thread), reason: 'It is made anew from what is whole.' };
    }
    for (const [key, stream] of streams) {
      const end = this.#ends.get(key);
      if (end?.seq === stream.lastSeq && end.checkpointId === stream.headId) continue;
      const last = end ? `is ${quoteId(end.checkpointId)} at seq ${end.seq}` : 'there is none';
      yield { ...placeOf(stream), reason: `It names another end: of its checkpoints the last whole one ${last}.` };
    }
  }

  #mendedThread(lost: readonly SetAsideRow[]): RawThread {
    const { thread, streams } = this.#rows;
    const whole = [...this.#whole()];
    const times = whole.map(({ createdAt }) => createdAt);
    const firsts = whole.filter(({ seq }) => seq === 1).map(({ createdAt }) => createdAt);
    // After a prune the first checkpoints are gone, and the row alone knows when they were made.
    const knowsFirst = firsts.length === this.#ends.size;
    const said = thread?.createdAt;
    const isSaid = said !== undefined && (!knowsFirst || firsts.includes(said));
    const root = namespaceKey([]);
    const head = this.#ends.get(root) ?? [...this.#ends.values()][0];
    const isHeadKept = head?.checkpointId === streams.get(namespaceKey(head?.namespace ?? []))?.headId;
    const isWhole = lost.length === 0 && this.missingRows === 0 && isHeadKept;
    const isStatus = thread !== undefined && threadStatuses.includes(thread.status);
    const count = whole.length + this.#needed.size + this.#rows.writes.size;
    return {
      kind: 'thread',
      threadId: this.#threadId,
      origin: this.#origin,
      // What is lost may be what the status was about; the head's own is what its commit left the thread in.
      status: isWhole && isStatus ? thread.status : (head?.status ?? 'running'),
      createdAt: isSaid ? said : Math.min(...(knowsFirst ? firsts : times)),
      updatedAt: thread?.updatedAt ?? Math.max(...times),
      rowCount: count - lost.filter(({ kind }) => kind === 'write').length,
    };
  }
}

function isSame(a: RawThread, b: RawThread | undefined): boolean {
  if (b === undefined) return false;
  return (['origin', 'status', 'createdAt', 'updatedAt', 'rowCount'] as const).every((field) => a[field] === b[field]);
}
