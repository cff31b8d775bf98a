/**
 * Whether what is stored is whole: every checksum, every reference between rows, and the counts that make a lost row show.
 *
 * One pass over the rows, of which only keys are kept; it repairs nothing.
 */
import { type CheckpointId, type Namespace, namespaceKey } from '../address.js';
import { type ErrorCode, hasCode, quoteId } from '../errors/checkpoint-error.js';
import { type RawRecord, type RawThread, threadStatuses } from '../records.js';
import { RowTally } from '../row-tally.js';
import type { MaintainableSaver } from '../saver.js';
import { getWithKeys, openInfo, openSnapshot } from './read.js';
import type { RowCodec } from './row-codec.js';

/** One thing that is wrong with a stored thread. */
export interface StoreFault {
  /**
   * `row`: a row is damaged, or is another's. `missing`: something that others need, or that was counted, is not there.
   * `index`: a thread or a checkpoint is not found by its metadata. `key`: a row is encrypted with a key that is not known here, so
   * that nothing but its checksum could be checked.
   */
  readonly kind: 'row' | 'missing' | 'index' | 'key';
  readonly threadId: string;
  readonly namespace?: Namespace | undefined;
  readonly checkpointId?: CheckpointId | undefined;
  /** What is wrong, for people. */
  readonly message: string;
}

const faultCodes: readonly ErrorCode[] = [
  'CAIRN_CORRUPT_CHECKPOINT',
  'CAIRN_UNKNOWN_FORMAT',
  'CAIRN_FUTURE_FORMAT',
  'CAIRN_UNKNOWN_CLASS',
  'CAIRN_UNKNOWN_KEY',
  'CAIRN_UNENCRYPTED_RECORD',
];

/** @throws what the saver throws, but for damage. */
export function verifyRows(
  codec: RowCodec,
  saver: MaintainableSaver,
  threadId?: string,
): AsyncGenerator<StoreFault, void, undefined> {
  return verifyScan(codec, saver, threadId, { at: threadId, before: undefined });
}

/** How far a scan has come. */
interface Progress {
  /** The thread that is scanned. */
  at: string | undefined;
  /** The thread before it; undefined for the first, or where only one is scanned. */
  before: string | undefined;
}

/** A row that can't even be scanned ends the scan: the threads after it are then scanned one by one. */
async function* verifyScan(
  codec: RowCodec,
  saver: MaintainableSaver,
  threadId: string | undefined,
  progress: Progress,
): AsyncGenerator<StoreFault, void, undefined> {
  try {
    yield* checkScan(codec, saver, threadId, progress);
    return;
  } catch (error) {
    if (!isFault(error)) throw error;
    const rest = threadId === undefined ? ', nor were rows after it that belong to no thread' : '';
    const message = `${error.message} What comes after it in its thread was not checked${rest}.`;
    yield { ...faultOf('row', progress.at ?? '', error), message };
  }
  let after = threadId === undefined ? progress.at : undefined;
  while (after !== undefined) {
    const next: string | StoreFault | undefined = await threadAfter(saver, after);
    if (typeof next === 'object') yield next;
    else if (next !== undefined) yield* verifyScan(codec, saver, next, { at: next, before: after });
    after = typeof next === 'string' ? next : undefined;
  }
}

async function* checkScan(
  codec: RowCodec,
  saver: MaintainableSaver,
  threadId: string | undefined,
  progress: Progress,
): AsyncGenerator<StoreFault, void, undefined> {
  let thread: ThreadCheck | undefined;
  for await (const row of saver.scan(threadId)) {
    if (thread?.threadId !== row.threadId) {
      if (thread) {
        yield* thread.end(progress.before);
        progress.before = thread.threadId;
      }
      thread = new ThreadCheck(codec, saver, row.threadId);
      progress.at = row.threadId;
    }
    const keys = 'bytes' in row ? codec.fetchKeysOf([row]) : undefined;
    if (keys !== undefined) await keys;
    yield* thread.add(row);
  }
  if (thread) yield* thread.end(progress.before);
}

/** The id of the next thread, or why it can't be told. */
async function threadAfter(saver: MaintainableSaver, threadId: string): Promise<string | StoreFault | undefined> {
  try {
    for await (const next of saver.listThreads({ afterThreadId: threadId, limit: 1 })) return next.threadId;
    return undefined;
  } catch (error) {
    if (!isFault(error)) throw error;
    const message = `${error.message} The threads after ${quoteId(threadId)} were not checked.`;
    return { ...faultOf('row', threadId, error), message };
  }
}

class ThreadCheck {
  readonly threadId: string;
  readonly #codec: RowCodec;
  readonly #saver: MaintainableSaver;
  readonly #tally = new RowTally();
  #thread: RawThread | undefined;
  /** Of each stream with a checkpoint or a row of its own. */
  readonly #streams = new Map<string, Namespace>();
  readonly #checkpoints = new Set<string>();
  readonly #firstTimes: number[] = [];
  readonly #records = new Set<string>();
  /** What rows say must be there: where it is said, by the key of what is needed. */
  readonly #needs = new Map<string, Omit<StoreFault, 'kind'>>();
  /** What was said of rows, so that a read of the head does not say it of the same row again. */
  readonly #told = new Set<string>();

  constructor(codec: RowCodec, saver: MaintainableSaver, threadId: string) {
    this.#codec = codec;
    this.#saver = saver;
    this.threadId = threadId;
  }

  *add(row: RawRecord): Generator<StoreFault, void, undefined> {
    this.#tally.add(row);
    if (row.kind === 'thread') this.#thread = row;
    else this.#streams.set(namespaceKey(row.namespace), row.namespace);
    try {
      yield* this.#check(row);
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#told.add(error.message);
      yield faultOf('row', this.threadId, error, row.kind === 'thread' ? {} : row);
    }
  }

  *#check(row: RawRecord): Generator<StoreFault, void, undefined> {
    if (row.kind === 'thread' || row.kind === 'stream') return;
    const { threadId, namespace } = row;
    const at = { threadId, namespace, origin: this.#thread?.origin ?? threadId };
    const need = (key: string, what: string, checkpointId?: CheckpointId) =>
      this.#needs.set(key, { threadId, namespace, checkpointId, message: what });
    if (row.kind === 'checkpoint') {
      const { checkpointId } = row;
      this.#checkpoints.add(keyOf(namespace, checkpointId));
      if (row.seq === 1) this.#firstTimes.push(row.createdAt);
      for (const { channel, seq } of row.channels)
        need(keyOf(namespace, channel, seq), `the record of channel ${quoteId(channel)} at seq ${seq}`, checkpointId);
      const { body } = openInfo(this.#codec, row);
      if (!this.#codec.search.finds(row.tokens, body.metadata)) {
        const message = `Checkpoint ${quoteId(checkpointId)} of thread ${quoteId(threadId)} is not found by its metadata: it was stored with another encryption.indexKey.`;
        yield { kind: 'index', threadId, namespace, checkpointId, message };
      }
      for (const pin of body.pins)
        need(
          keyOf(pin.namespace, pin.checkpointId),
          `the pinned checkpoint ${quoteId(pin.checkpointId)}`,
          checkpointId,
        );
    } else if (row.kind === 'record') {
      const { channel, seq, restsOn } = row;
      this.#records.add(keyOf(namespace, channel, seq));
      for (const base of restsOn)
        need(keyOf(namespace, channel, base), `the record of channel ${quoteId(channel)} at seq ${base}`);
      this.#codec.decodeRecord(at, row, this.#codec.openRecord(at, row));
    } else {
      need(keyOf(namespace, row.checkpointId), `the checkpoint ${quoteId(row.checkpointId)} of a pending write`);
      this.#codec.decodeWrite(at, row.checkpointId, row);
    }
  }

  /** @param before - the thread that was scanned before this one; undefined for the first, or where only one is. */
  async *end(before: string | undefined): AsyncGenerator<StoreFault, void, undefined> {
    const { threadId } = this;
    for (const [key, { message, ...place }] of this.#needs) {
      if (this.#checkpoints.has(key) || this.#records.has(key)) continue;
      yield { kind: 'missing', ...place, message: `Thread ${quoteId(threadId)} lacks ${message}.` };
    }
    const unwhole = this.#tally.fault();
    if (unwhole) yield { kind: 'missing', threadId, message: `Thread ${quoteId(threadId)} is not whole: ${unwhole}.` };
    const { createdAt, status } = this.#thread ?? {};
    if (status !== undefined && !threadStatuses.includes(status)) {
      const message = `Thread ${quoteId(threadId)} has the status ${quoteId(status)}, which is none.`;
      yield { kind: 'row', threadId, message };
    }
    if (createdAt !== undefined && this.#knowsFirst && !this.#firstTimes.includes(createdAt)) {
      const message = `Thread ${quoteId(threadId)} says that it was made at another time than its first checkpoint.`;
      yield { kind: 'row', threadId, message };
    }
    for (const namespace of this.#streams.values()) {
      const unread = await faultIn(async () => {
        const head = await getWithKeys(this.#codec, this.#saver, { threadId, namespace });
        if (head) openSnapshot(this.#codec, head);
      });
      if (unread && !this.#told.has(unread.message)) yield faultOf('row', threadId, unread, { namespace });
    }
    yield* this.#findByTokens(before);
  }

  /** After a prune the first checkpoint may be gone. */
  get #knowsFirst(): boolean {
    return this.#firstTimes.length === this.#streams.size;
  }

  async *#findByTokens(before: string | undefined): AsyncGenerator<StoreFault, void, undefined> {
    const { threadId } = this;
    const root = await this.#saver.get({ threadId, namespace: [] }).catch(() => undefined);
    const tokens = root?.header.tokens ?? [];
    if (tokens.length === 0) return;
    const query = { tokens, ...(before !== undefined && { afterThreadId: before }) };
    for await (const found of this.#saver.listThreads(query)) if (found.threadId === threadId) return;
    const message = `Thread ${quoteId(threadId)} is not found by the metadata of its head: the store has lost a token.`;
    yield { kind: 'index', threadId, message };
  }
}

function keyOf(namespace: Namespace, ...ids: readonly (string | number)[]): string {
  return JSON.stringify([namespace, ...ids]);
}

/** What is reported rather than thrown: damage, and what this Checkpointer lacks something to read. */
function isFault(error: unknown): error is Error {
  return faultCodes.some((code) => hasCode(error, code));
}

async function faultIn(check: () => Promise<void>): Promise<Error | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
}

function faultOf(
  kind: StoreFault['kind'],
  threadId: string,
  error: Error,
  place: { readonly namespace?: Namespace; readonly checkpointId?: CheckpointId } = {},
): StoreFault {
  const { namespace, checkpointId } = place;
  const isUnread = hasCode(error, 'CAIRN_UNKNOWN_KEY');
  return { kind: isUnread ? 'key' : kind, threadId, namespace, checkpointId, message: error.message };
}
