/**
 * All rows of a thread that its saver can show: scanned, and where a row can't even be scanned, read one checkpoint at a
 * time around it. Each iteration reads anew.
 */
import { type Namespace, namespaceKey, type StreamAddress } from '../address.js';
import { readInfo } from '../checkpointer/read.js';
import type { RowCodec } from '../checkpointer/row-codec.js';
import type { CheckpointHeader, RawRecord } from '../records.js';
import { type CheckpointSaver, isMaintainable } from '../saver.js';
import { isDamage, isUnknown, rowKey } from './set-aside.js';

/** So many seqs in succession that can't be listed are taken for a store of which no more can be read. */
const mostUnlisted = 100;

export class ReadableRows implements AsyncIterable<RawRecord> {
  readonly #codec: RowCodec;
  readonly #saver: CheckpointSaver;
  readonly #threadId: string;
  #unreadable: Error | undefined;

  constructor(codec: RowCodec, saver: CheckpointSaver, threadId: string) {
    this.#codec = codec;
    this.#saver = saver;
    this.#threadId = threadId;
  }

  /** What the saver could not show, as the last iteration met it first; undefined when it was every row. */
  get unreadable(): Error | undefined {
    return this.#unreadable;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RawRecord, void, undefined> {
    this.#unreadable = undefined;
    const seen = new Set<string>();
    const streams = new Map<string, Namespace>([[namespaceKey([]), []]]);
    const ends = new Map<string, number>();
    if (isMaintainable(this.#saver)) {
      try {
        for await (const row of this.#saver.scan(this.#threadId)) {
          seen.add(rowKey(row));
          if (row.kind !== 'thread') streams.set(namespaceKey(row.namespace), row.namespace);
          if (row.kind === 'stream') ends.set(namespaceKey(row.namespace), row.lastSeq);
          yield row;
        }
        return;
      } catch (error) {
        this.#note(error);
      }
    }
    // Grows as pins name further streams.
    for (const [key, namespace] of streams) {
      for await (const row of this.#readStream(namespace, ends.get(key), streams)) {
        if (seen.has(rowKey(row))) continue;
        seen.add(rowKey(row));
        yield row;
      }
    }
  }

  async *#readStream(
    namespace: Namespace,
    lastSeq: number | undefined,
    streams: Map<string, Namespace>,
  ): AsyncGenerator<RawRecord, void, undefined> {
    const threadId = this.#threadId;
    const stream = { threadId, namespace };
    const head = await this.#unlessDamaged(() => this.#saver.get(stream));
    if (head) {
      const { checkpointId: headId, seq } = head.head;
      yield { kind: 'stream', threadId, namespace, lastSeq: seq, headId };
    }
    for await (const header of this.#headers(stream, head?.head.seq ?? lastSeq)) {
      yield { kind: 'checkpoint', ...header };
      await this.#addPins(header, streams);
      const { checkpointId } = header;
      const stored = await this.#unlessDamaged(() => this.#saver.get({ ...stream, checkpointId }));
      for (const record of stored?.records ?? []) yield { kind: 'record', threadId, namespace, ...record };
      for (const write of stored?.writes ?? []) yield { kind: 'write', threadId, namespace, checkpointId, ...write };
    }
  }

  async #addPins(header: CheckpointHeader, streams: Map<string, Namespace>): Promise<void> {
    try {
      for (const { namespace } of (await readInfo(this.#codec, header)).body.pins)
        streams.set(namespaceKey(namespace), namespace);
    } catch (error) {
      if (!isDamage(error) && !isUnknown(error)) throw error;
    }
  }

  /** A page that holds a damaged row can't be listed; then seq by seq until past it. */
  async *#headers(stream: StreamAddress, lastSeq = 0): AsyncGenerator<CheckpointHeader, void, undefined> {
    for (let after = 0, failed = 0; failed < mostUnlisted; ) {
      try {
        for await (const header of this.#saver.list({ ...stream, order: 'asc', afterSeq: after })) {
          yield header;
          after = header.seq;
          failed = 0;
        }
        return;
      } catch (error) {
        this.#note(error);
      }
      for (let isPast = false; !isPast && after <= lastSeq; after += 1) {
        const found = await this.#unlessDamaged(() => this.#headerAt(stream, after + 1));
        if (found) {
          yield found;
          failed = 0;
        }
        isPast = found === undefined;
      }
      failed += 1;
    }
  }

  /** @returns null where there is none. */
  async #headerAt(stream: StreamAddress, seq: number): Promise<CheckpointHeader | null> {
    for await (const header of this.#saver.list({ ...stream, afterSeq: seq - 1, beforeSeq: seq + 1 })) return header;
    return null;
  }

  async #unlessDamaged<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await read();
    } catch (error) {
      this.#note(error);
      return undefined;
    }
  }

  #note(error: unknown): void {
    if (!isDamage(error)) throw error;
    this.#unreadable ??= error;
  }
}
