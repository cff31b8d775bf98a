/**
 * The saver over one PostgreSQL database that many machines share. Each method hands own copies of its arguments to a query
 * of `queries/`; connections, waiting and errors are the database's.
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
  quoteId,
  RowTally,
  SaverUnavailableError,
} from '@cairn/checkpoint-core';
import type { Connection } from './connection.js';
import { type Attempt, Database, type Method } from './database.js';
import { migrationSql } from './migrate.js';
import { streamKey } from './namespaces.js';
import { type PostgresSaverOptions, resolveOptions } from './options.js';
import { copyRaw } from './queries/copy-raw.js';
import { copyThread } from './queries/copy-thread.js';
import { beginDeleting, goOnDeleting, readIncarnation } from './queries/delete-thread.js';
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
import { ThreadLeaving } from './refusals.js';

const pageSize = 200;

/** Keeps threads in the tables of one PostgreSQL schema, durably, shared by any number of processes and machines. */
export class PostgresSaver implements MaintainableSaver {
  readonly capabilities: SaverCapabilities = { permanence: 'disk', shared: 'processes', maintenance: true };
  readonly #database: Database;
  readonly #schema: string;

  /**
   * Does no I/O: the first call connects, and makes the tables where there are none.
   *
   * @throws InvalidArgumentError naming the option that is out of its range.
   */
  constructor(options: PostgresSaverOptions) {
    const resolved = resolveOptions(options);
    this.#schema = resolved.schema;
    this.#database = new Database(resolved);
  }

  async setup(): Promise<void> {
    await this.#database.setup();
  }

  /**
   * Checks that the tables are there and fit this version, as a user without the right to make them may.
   *
   * @throws SchemaMissingError, SchemaTooNewError
   */
  async verifySchema(): Promise<void> {
    await this.#database.verifySchema();
  }

  /**
   * The statements that `setup` would run, for an administrator to run: in one transaction, under the lock that `setup`
   * takes, and refused as a whole where they have been run before. Does no I/O.
   *
   * @param after - the number of the last migration that is applied already. Default 0: everything is made anew.
   */
  migrationSql(after = 0): string {
    return migrationSql(this.#schema, after);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async put(commit: CheckpointCommit): Promise<void> {
    const rows = toCommitRows(commit);
    await this.#mutate('put', commit.threadId, (db) => put(db, rows));
  }

  async putWrites(batch: PendingWriteBatch): Promise<void> {
    const rows = toBatchRows(batch);
    await this.#mutate('put-writes', batch.threadId, (db) => putWrites(db, rows));
  }

  async get(address: CheckpointAddress): Promise<StoredCheckpoint | undefined> {
    const own = { ...address, namespace: [...address.namespace] };
    return this.#database.run('read', (db) => get(db, own));
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
    const call = randomUUID();
    await this.#mutate('copy', to, (db) => copyThread(db, from, to, end, call));
  }

  async deleteThread(threadId: string): Promise<void> {
    // Once for all attempts: one whose answer was lost may have made room for another thread.
    const incarnation = await this.#database.run('read', (db) => readIncarnation(db, threadId));
    const isMore = await this.#database.run('delete', (db) => beginDeleting(db, threadId, incarnation));
    if (isMore) await this.#finishDeleting(threadId);
  }

  async prune(stream: StreamAddress, drop: readonly CheckpointId[]): Promise<PruneReport> {
    this.#database.checkOpen();
    const session = {
      read: <Result>(query: (db: Connection) => Promise<Result>) => this.#database.run('read', query),
      drop: <Result>(query: (db: Connection) => Promise<Result>) => this.#database.run('prune', query),
    };
    return prune(session, streamKey(stream), [...drop]);
  }

  async acquireLease(threadId: string, request: LeaseRequest): Promise<Lease> {
    checkLeaseRequest(threadId, request);
    const own = { ...request };
    const token = randomUUID();
    return this.#mutate('lease', threadId, (db) => acquireLease(db, threadId, own, token));
  }

  async renewLease(lease: Lease, ttlMs: number): Promise<Lease> {
    checkLeaseTtl(ttlMs);
    const own = { ...lease };
    return this.#database.run('lease', (db) => renewLease(db, own, ttlMs));
  }

  async releaseLease(lease: Lease): Promise<void> {
    const own = { ...lease };
    await this.#database.run('lease', (db) => releaseLease(db, own));
  }

  async *scan(threadId?: string): AsyncIterable<RawRecord> {
    if (threadId !== undefined) yield* this.#scanThread(threadId);
    else for await (const id of this.#threadIds()) yield* this.#scanThread(id);
  }

  async restore(threadId: string, rows: AsyncIterable<RawRecord>, lease?: string): Promise<void> {
    this.#database.checkOpen();
    // All of them in memory before the first is stored, so that no transaction waits for whoever produces them.
    const own: RawRecord[] = [];
    const tally = new RowTally();
    for await (const row of rows) {
      tally.add(row);
      own.push(copyRaw(row, threadId));
    }
    tally.checkWhole(threadId);
    const call = randomUUID();
    await this.#mutate('restore', threadId, (db) =>
      restore(db, threadId, own, lease === undefined ? { call } : { lease }),
    );
  }

  async replace(threadId: string, rows: readonly RawRecord[], expected: readonly Digest[]): Promise<void> {
    if (rows.length !== expected.length) {
      throw new InvalidArgumentError(
        `replace needs a digest for each row: ${counted(rows.length, 'row')}, ${counted(expected.length, 'digest')}.`,
      );
    }
    const replacements = rows.map((row, i) => ({ row: copyRaw(row, threadId), expected: expected[i] }));
    await this.#mutate('replace', threadId, (db, { isRepeat }) => replace(db, threadId, replacements, isRepeat));
  }

  /** Runs a mutation; where the rest of a deleted thread is in its way, that goes first. */
  async #mutate<Result>(
    method: Method,
    threadId: string,
    work: (db: Connection, attempt: Attempt) => Promise<Result>,
  ): Promise<Result> {
    for (;;) {
      try {
        return await this.#database.run(method, work);
      } catch (error) {
        if (!(error instanceof ThreadLeaving)) throw error;
      }
      await this.#finishDeleting(threadId);
    }
  }

  async #finishDeleting(threadId: string): Promise<void> {
    do await nextTurn();
    while (await this.#database.run('delete', (db) => goOnDeleting(db, threadId)));
  }

  async *#threadIds(): AsyncIterable<string> {
    for (let last: string | undefined = ''; last !== undefined; ) {
      const after: string = last;
      last = await this.#database.run('read', (db) => nextThreadId(db, after));
      if (last !== undefined) yield last;
    }
  }

  async *#scanThread(threadId: string): AsyncIterable<RawRecord> {
    const readMark = (): Promise<string | undefined> => this.#database.run('read', (db) => readScanMark(db, threadId));
    const mark = await readMark();
    if (mark === undefined) return;
    for (const scanPage of scanPages) {
      let after: ScanCursor;
      do {
        const from: ScanCursor = after;
        const { rows, next } = await this.#database.run('read', (db) => scanPage(db, threadId, from));
        yield* rows;
        after = next;
      } while (after !== undefined);
    }
    if ((await readMark()) === mark) return;
    throw new SaverUnavailableError(
      `Thread ${quoteId(threadId)} was written to while it was scanned, so its rows are not of one instant. ` +
        'Discard them and scan it again.',
      { threadId, retryable: true },
    );
  }

  /** Reads page after page, each a statement of its own: nothing is held while the consumer works. */
  async *#inPages<Query extends { readonly limit?: number }, Item>(
    query: Query,
    readPage: (db: Connection, query: Query, size: number) => Promise<Item[]>,
    after: (query: Query, last: Item) => Query,
  ): AsyncIterable<Item> {
    this.#database.checkOpen();
    let rest = query;
    for (let left = query.limit ?? Number.POSITIVE_INFINITY; left > 0; left -= pageSize) {
      const from = rest;
      const size = Math.min(left, pageSize);
      const page = await this.#database.run('read', (db) => readPage(db, from, size));
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < size) return;
      rest = after(rest, last);
    }
  }
}
