/**
 * Key rotation: every stored row that another key, or none, has sealed is sealed anew under the current one.
 *
 * Rows are replaced in small batches, each only if it is still as it was scanned. So nothing is locked for long, a run
 * that commits or prunes meanwhile is never in the way, and a call that was cut short has lost nothing.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { hasCode } from '../errors/checkpoint-error.js';
import { rawDigest } from '../raw-digest.js';
import type { RawRecord } from '../records.js';
import type { MaintainableSaver } from '../saver.js';
import type { RowCodec, SealedRow } from './row-codec.js';

export interface ReencryptRequest {
  /** Default: all threads. */
  readonly threadId?: string | undefined;
  /** Called after each batch and each thread. */
  readonly onProgress?: ((progress: ReencryptProgress) => void) | undefined;
  /** Stops after the batch under way, with the signal's reason; the next call goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a `reencrypt` has come. */
export interface ReencryptProgress {
  /** Threads passed over whole. */
  readonly threads: number;
  /** Rows looked at that carry a record; those of a thread that had to be passed over again count again. */
  readonly rows: number;
  /** Rows written anew. */
  readonly rewritten: number;
}

const MOST_ROWS = 64;
const MOST_BYTES = 1024 * 1024;
const MOST_ROUNDS = 8;
/** Before a busy thread is passed over again; doubled each time. */
const FIRST_WAIT_MS = 50;

/** A row as it was scanned, and as it is to be. */
interface Replacement {
  readonly before: SealedRow;
  readonly after: SealedRow;
}

export async function reencryptRows(
  codec: RowCodec,
  saver: MaintainableSaver,
  request: ReencryptRequest,
): Promise<ReencryptProgress> {
  await codec.fetchCurrentKey();
  const pass = new Reencryption(codec, saver, request);
  // A copy brings old bytes to a place that may have been passed by: so until there was nothing more to write.
  for (let round = 0, before = -1; before < pass.progress.rewritten && round < MOST_ROUNDS; round++) {
    before = pass.progress.rewritten;
    await passOverAll(saver, request, pass);
    pass.isAgain = true;
  }
  return pass.progress;
}

async function passOverAll(saver: MaintainableSaver, request: ReencryptRequest, pass: Reencryption): Promise<void> {
  // A thread that is written to while it is scanned is passed over again, once all others are done.
  let busy = new Map<string, unknown>();
  for await (const threadId of threadsOf(saver, request)) await pass.thread(threadId, busy);
  for (let round = 1; busy.size > 0 && round < MOST_ROUNDS; round++) {
    await wait(FIRST_WAIT_MS * 2 ** (round - 1), undefined, { signal: request.signal }).catch(() =>
      request.signal?.throwIfAborted(),
    );
    const again = [...busy.keys()];
    busy = new Map();
    for (const threadId of again) await pass.thread(threadId, busy);
  }
  for (const error of busy.values()) throw error;
}

async function* threadsOf(saver: MaintainableSaver, { threadId }: ReencryptRequest): AsyncGenerator<string> {
  if (threadId !== undefined) yield threadId;
  else for await (const thread of saver.listThreads({})) yield thread.threadId;
}

class Reencryption {
  readonly #codec: RowCodec;
  readonly #saver: MaintainableSaver;
  readonly #request: ReencryptRequest;
  /** True once all was passed over: from then on only what is still written anew counts. */
  isAgain = false;
  #threads = 0;
  #rows = 0;
  #rewritten = 0;

  constructor(codec: RowCodec, saver: MaintainableSaver, request: ReencryptRequest) {
    this.#codec = codec;
    this.#saver = saver;
    this.#request = request;
  }

  get progress(): ReencryptProgress {
    return { threads: this.#threads, rows: this.#rows, rewritten: this.#rewritten };
  }

  /** @param busy - where the thread goes, with the error, when it was written to meanwhile. */
  async thread(threadId: string, busy: Map<string, unknown>): Promise<void> {
    this.#request.signal?.throwIfAborted();
    try {
      await this.#thread(threadId);
      if (!this.isAgain) this.#threads += 1;
      this.#report();
    } catch (error) {
      if (!hasCode(error, 'CAIRN_SAVER_UNAVAILABLE') || !error.retryable) throw error;
      busy.set(threadId, error);
    }
  }

  async #thread(threadId: string): Promise<void> {
    let origin = threadId;
    let batch: Replacement[] = [];
    let bytes = 0;
    for await (const row of this.#saver.scan(threadId)) {
      if (row.kind === 'thread') origin = row.origin;
      if (row.kind === 'thread' || row.kind === 'stream') continue;
      const after = await this.#reseal(row, origin);
      if (after !== undefined || !this.isAgain) this.#rows += 1;
      if (after === undefined) continue;
      batch.push({ before: row, after });
      bytes += after.bytes.length;
      if (batch.length < MOST_ROWS && bytes < MOST_BYTES) continue;
      await this.#replace(threadId, batch);
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0) await this.#replace(threadId, batch);
  }

  async #reseal(row: SealedRow, origin: string): Promise<SealedRow | undefined> {
    const keys = this.#codec.fetchKeysOf([row]);
    if (keys !== undefined) await keys;
    return this.#codec.reseal(row, origin);
  }

  async #replace(threadId: string, batch: readonly Replacement[]): Promise<void> {
    if (!(await this.#isReplaced(threadId, batch))) {
      // One of them has gone or changed since it was scanned: it alone is passed over.
      for (const each of batch) await this.#isReplaced(threadId, [each]);
    }
    this.#report();
    this.#request.signal?.throwIfAborted();
  }

  async #isReplaced(threadId: string, batch: readonly Replacement[]): Promise<boolean> {
    const rows: readonly RawRecord[] = batch.map(({ after }) => after);
    const expected = batch.map(({ before }) => rawDigest(before));
    try {
      await this.#saver.replace(threadId, rows, expected);
    } catch (error) {
      if (hasCode(error, 'CAIRN_CHECKPOINT_CONFLICT')) return false;
      throw error;
    }
    this.#rewritten += batch.length;
    return true;
  }

  #report(): void {
    this.#request.onProgress?.(this.progress);
  }
}
