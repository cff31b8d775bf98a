/**
 * The saver over one SQLite file that many processes share. Each method hands own copies of its arguments to a query of
 * `queries/`; transactions, waiting and errors are the database's.
 */

import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  CheckpointAddress,
  CheckpointCommit,
  CheckpointHeader,
  CheckpointId,
  Digest,
  Lease,
  LeaseRequest,
  ListQuery,
  MaintainableSaver,
  PendingWriteBatch,
  PruneReport,
  RawRecord,
  SaverCapabilities,
  StoredCheckpoint,
  StreamAddress,
  ThreadQuery,
  ThreadSummary,
} from '@cairn/checkpoint-core';
import {
  checkLeaseRequest,
  checkLeaseTtl,
  counted,
  InvalidArgumentError,
  namespaceKey,
  quoteId,
  RowTally,
  SaverUnavailableError,
} from '@cairn/checkpoint-core';
import type { Connection } from './connection.js';
import { Database } from './database.js';
import { inMemoryPath, resolveOptions, type SqliteSaverOptions } from './options.js';
import { copyThread } from './queries/copy-thread.js';
import { deleteThread } from './queries/delete-thread.js';
import { get } from './queries/get.js';
import { acquireLease, releaseLease, renewLease } from './queries/lease.js';
import { afterHeader, listPage } from './queries/list.js';
import { listThreadsPage } from './queries/list-threads.js';
import { prune } from './queries/prune.js';
import { put, toCommitRows } from './queries/put.js';
import { putWrites, toBatchRows } from './queries/put-writes.js';
import { replace } from './queries/replace.js';
import { restore } from './queries/restore.js';
import { nextThreadId, readScanMark, type ScanCursor, scanPages } from './queries/scan.js';
import { storeRaw } from './queries/store-raw.js';

const pageSize = 200;

/** Keeps threads in one SQLite file, durably, shared by any number of processes of one machine. */
export class SqliteSaver implements MaintainableSaver {
  readonly capabilities: SaverCapabilities;
  readonly #database: Database;

  /**
   * Does no I/O: the first call opens the file, and makes it where there is none.
   *
   * @param options - the file's path, or options with it; a relative path is resolved now.
   * @throws InvalidArgumentError naming the option that is out of its range.
   */
  constructor(options: string | SqliteSaverOptions) {
    const resolved = resolveOptions(options);
    this.#database = new Database(resolved);
    const isFile = resolved.path !== inMemoryPath;
    this.capabilities = {
      permanence: isFile ? 'disk' : 'process',
      shared: isFile ? 'processes' : 'no',
      maintenance: true,
    };
  }

  async setup(): Promise<void> {
    await this.#database.setup();
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async put(commit: CheckpointCommit): Promise<void> {
    const rows = toCommitRows(commit);
    await this.#database.use(({ write }) => write('put', (db) => put(db, rows)));
  }

  async putWrites(batch: PendingWriteBatch): Promise<void> {
    const rows = toBatchRows(batch);
    await this.#database.use(({ write }) => write('put-writes', (db) => putWrites(db, rows)));
  }

  async get(address: CheckpointAddress): Promise<StoredCheckpoint | undefined> {
    return this.#database.use(({ read }) => read((db) => get(db, address)));
  }

  list(query: ListQuery): AsyncIterable<CheckpointHeader> {
    return this.#inPages(structuredClone(query), listPage, afterHeader);
  }

  listThreads(query: ThreadQuery): AsyncIterable<ThreadSummary> {
    const own = structuredClone(query);
    return this.#inPages(own, listThreadsPage, (rest, { threadId }) => ({ ...rest, afterThreadId: threadId }));
  }

  async copyThread(from: string, to: string, upTo?: CheckpointAddress): Promise<void> {
    const end = upTo && { ...upTo, namespace: [...upTo.namespace] };
    await this.#database.use(({ write }) => write('copy', (db) => copyThread(db, from, to, end)));
  }

  async deleteThread(threadId: string): Promise<void> {
    await this.#database.use(({ write }) => write('delete', (db) => deleteThread(db, threadId)));
  }

  async prune({ threadId, namespace }: StreamAddress, drop: readonly CheckpointId[]): Promise<PruneReport> {
    const stream = { thread_id: threadId, namespace: namespaceKey(namespace) };
    const ids = [...drop];
    return this.#database.use((session) => prune(session, stream, ids));
  }

  async acquireLease(threadId: string, request: LeaseRequest): Promise<Lease> {
    checkLeaseRequest(threadId, request);
    const own = { ...request };
    const token = randomUUID();
    return this.#database.use(({ write }) => write('lease', (db) => acquireLease(db, threadId, own, token)));
  }

  async renewLease(lease: Lease, ttlMs: number): Promise<Lease> {
    checkLeaseTtl(ttlMs);
    const own = { ...lease };
    return this.#database.use(({ write }) => write('lease', (db) => renewLease(db, own, ttlMs)));
  }

  async releaseLease(lease: Lease): Promise<void> {
    const own = { ...lease };
    await this.#database.use(({ write }) => write('lease', (db) => releaseLease(db, own)));
  }

  async *scan(threadId?: string): AsyncIterable<RawRecord> {
    if (threadId !== undefined) yield* this.#scanThread(threadId);
    else for await (const id of this.#threadIds()) yield* this.#scanThread(id);
  }

  async restore(threadId: string, rows: AsyncIterable<RawRecord>, lease?: string): Promise<void> {
    await this.#database.use(async ({ write }) => {
      // All of them in memory before the first is stored, so that it is visible whole or not at all.
      const stores: ReturnType<typeof storeRaw>[] = [];
      const tally = new RowTally();
      for await (const row of rows) {
        tally.add(row);
        stores.push(storeRaw(row, threadId));
      }
      tally.checkWhole(threadId);
      await write('restore', (db) => restore(db, threadId, stores, lease));
    });
  }

  async replace(threadId: string, rows: readonly RawRecord[], expected: readonly Digest[]): Promise<void> {
    if (rows.length !== expected.length) {
      throw new InvalidArgumentError(
        `replace needs a digest for each row: ${counted(rows.length, 'row')}, ${counted(expected.length, 'digest')}.`,
      );
    }
    const replacements = rows.map((row, i) => ({
      row: { ...row },
      expected: expected[i],
      store: storeRaw(row, threadId),
    }));
    await this.#database.use(({ write }) => write('replace', (db) => replace(db, threadId, replacements)));
  }

  async *#threadIds(): AsyncIterable<string> {
    for (let last: string | undefined = ''; last !== undefined; ) {
      const after: string = last;
      last = await this.#database.use(({ read }) => read((db) => nextThreadId(db, after)));
      if (last !== undefined) yield last;
    }
  }

  async *#scanThread(threadId: string): AsyncIterable<RawRecord> {
    const readMark = (): Promise<string> => this.#database.use(({ read }) => read((db) => readScanMark(db, threadId)));
    const mark = await readMark();
    for (const scanPage of scanPages) {
      let after: ScanCursor;
      do {
        const from: ScanCursor = after;
        const { rows, next } = await this.#database.use(({ read }) => read((db) => scanPage(db, threadId, from)));
        yield* rows;
        after = next;
        await nextTurn();
      } while (after !== undefined);
    }
    if ((await readMark()) === mark) return;
    throw new SaverUnavailableError(
      `Thread ${quoteId(threadId)} was written to while it was scanned, so its rows are not of one instant. ` +
        'Discard them and scan it again.',
      { threadId, retryable: true },
    );
  }

  /** Reads page after page, each a short transaction of its own: none is held while the consumer works. */
  async *#inPages<Query extends { readonly limit?: number }, Item>(
    query: Query,
    readPage: (db: Connection, query: Query, size: number) => Item[],
    after: (query: Query, last: Item) => Query,
  ): AsyncIterable<Item> {
    this.#database.checkOpen();
    let rest = query;
    for (let left = query.limit ?? Number.POSITIVE_INFINITY; left > 0; left -= pageSize) {
      const from = rest;
      const size = Math.min(left, pageSize);
      const page = await this.#database.use(({ read }) => read((db) => readPage(db, from, size)));
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < size) return;
      rest = after(rest, last);
      await nextTurn();
    }
  }
}
