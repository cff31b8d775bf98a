/**
 * What of a damaged thread is whole, and the thread that can be made of it.
 *
 * A checkpoint is whole when its header, all records that its values are made of, and the sub-graphs' checkpoints that it
 * pins are. A pending write that is damaged does not take its checkpoint with it: going back a superstep would run more
 * again than the task whose write is lost. Rows come one by one, and of each only its place is kept.
 */
import type { CheckpointId, Namespace } from '../address.js';
import { namespaceKey } from '../address.js';
import { openInfo } from '../checkpointer/read.js';
import type { RowCodec } from '../checkpointer/row-codec.js';
import { quoteId } from '../errors/checkpoint-error.js';
import type { RawChannelRecord, RawCheckpoint, RawPendingWrite, RawRecord, RawStream, RawThread } from '../records.js';
import { type JudgedCheckpoint, type JudgedRow, Judgement } from './judgement.js';
import { checkpointKey, isDamage, isUnknown, placeOf, recordKey, rowKey } from './set-aside.js';

type SealedRow = RawCheckpoint | RawChannelRecord | RawPendingWrite;

export class ThreadJudge {
  readonly #codec: RowCodec;
  readonly #threadId: string;
  #thread: RawThread | undefined;
  #unknown: Error | undefined;
  readonly #streams = new Map<string, RawStream>();
  readonly #checkpoints = new Map<string, JudgedCheckpoint>();
  readonly #records = new Map<string, JudgedRow & { readonly restsOn: readonly string[] }>();
  readonly #writes = new Map<string, JudgedRow & { readonly checkpoint: string }>();

  constructor(codec: RowCodec, threadId: string) {
    this.#codec = codec;
    this.#threadId = threadId;
  }

  /** @param row - the thread's own row, where there is one, before all others. @throws KeyUnavailableError */
  async add(row: RawRecord): Promise<void> {
    const keys = 'bytes' in row ? this.#codec.fetchKeysOf([row]) : undefined;
    if (keys !== undefined) await keys;
    if (row.kind === 'thread') this.#thread = row;
    else if (row.kind === 'stream') this.#streams.set(namespaceKey(row.namespace), row);
    else if (row.kind === 'checkpoint') this.#addCheckpoint(row);
    else if (row.kind === 'record') {
      const { namespace, channel, restsOn } = row;
      this.#records.set(recordKey(namespace, channel, row.seq), {
        ...this.#open(row, (origin) => {
          const at = { threadId: this.#threadId, namespace, origin };
          this.#codec.decodeRecord(at, row, this.#codec.openRecord(at, row));
        }),
        restsOn: restsOn.map((seq) => recordKey(namespace, channel, seq)),
      });
    } else {
      const { namespace, checkpointId } = row;
      this.#writes.set(rowKey(row), {
        ...this.#open(row, (origin) =>
          this.#codec.decodeWrite({ threadId: this.#threadId, namespace, origin }, checkpointId, row),
        ),
        checkpoint: checkpointKey(namespace, checkpointId),
      });
    }
  }

  #addCheckpoint(row: RawCheckpoint): void {
    const { namespace, checkpointId, seq, createdAt, status, channels } = row;
    let pins: readonly { readonly namespace: Namespace; readonly checkpointId: CheckpointId }[] = [];
    const judged = this.#open(row, (origin) => {
      pins = openInfo(this.#codec, { ...row, threadId: this.#threadId, origin }).body.pins;
    });
    this.#checkpoints.set(checkpointKey(namespace, checkpointId), {
      ...judged,
      ...{ namespace, checkpointId, seq, createdAt, status },
      records: channels.map((each) => ({ ...each, key: recordKey(namespace, each.channel, each.seq) })),
      pins: pins.map((pin) => ({ ...pin, key: checkpointKey(pin.namespace, pin.checkpointId) })),
    });
  }

  /** @throws what is neither damage nor something that this Checkpointer lacks. */
  #open(row: SealedRow, check: (origin: string) => void): JudgedRow {
    let damage: string | undefined;
    for (const origin of this.#origins) {
      try {
        check(origin);
        return { place: placeOf(row), origin, damage: undefined };
      } catch (error) {
        if (isUnknown(error)) this.#unknown ??= error;
        else if (!isDamage(error)) throw error;
        damage ??= error.message;
        if (isUnknown(error)) break;
      }
    }
    return { place: placeOf(row), origin: undefined, damage };
  }

  /** What the rows' checksums may be bound to: the thread's row may be the damaged one. */
  get #origins(): readonly string[] {
    const { origin = this.#threadId } = this.#thread ?? {};
    return origin === this.#threadId ? [origin] : [origin, this.#threadId];
  }

  judge(): Judgement {
    const origin = this.#mostOpened();
    const faults = new Map<string, string>();
    for (const [key, checkpoint] of this.#checkpoints) {
      const fault = this.#faultIn(checkpoint, origin);
      if (fault !== undefined) faults.set(key, fault);
    }
    this.#followPins(faults);
    return new Judgement(this.#threadId, origin, faults, {
      thread: this.#thread,
      streams: this.#streams,
      checkpoints: this.#checkpoints,
      records: this.#records,
      writes: this.#writes,
      unknown: this.#unknown,
    });
  }

  /** All rows of a thread are bound to one origin. */
  #mostOpened(): string {
    const opened = new Map<string, number>();
    for (const { origin } of this.#checkpoints.values())
      if (origin !== undefined) opened.set(origin, (opened.get(origin) ?? 0) + 1);
    const [most] = [...opened].sort(([, a], [, b]) => b - a);
    return most?.[0] ?? this.#origins[0] ?? this.#threadId;
  }

  #faultIn({ damage, origin, records }: JudgedCheckpoint, of: string): string | undefined {
    if (damage !== undefined) return damage;
    if (origin !== of) return 'It belongs to another thread.';
    for (const { channel, seq, key } of records) {
      const record = this.#records.get(key);
      if (record === undefined) return `The record of channel ${quoteId(channel)} at seq ${seq} is gone.`;
      if (record.origin !== of)
        return record.damage ?? `The record of channel ${quoteId(channel)} is another thread's.`;
      const base = record.restsOn.find((each) => this.#records.get(each)?.origin !== of);
      if (base !== undefined) {
        return this.#records.get(base)?.damage ?? `A record that channel ${quoteId(channel)} rests on is gone.`;
      }
    }
    return undefined;
  }

  /** A checkpoint whose sub-graph's is not whole is not whole, and so up to the root. */
  #followPins(faults: Map<string, string>): void {
    for (let before = -1; before < faults.size; ) {
      before = faults.size;
      for (const [key, { pins }] of this.#checkpoints) {
        if (faults.has(key)) continue;
        const lost = pins.find((pin) => !this.#checkpoints.has(pin.key) || faults.has(pin.key));
        if (lost === undefined) continue;
        const where = `${quoteId(lost.checkpointId)} of its sub-graph ${namespaceKey(lost.namespace)}`;
        faults.set(key, `The checkpoint ${where} is not whole: ${faults.get(lost.key) ?? 'it is gone.'}`);
      }
    }
  }
}
