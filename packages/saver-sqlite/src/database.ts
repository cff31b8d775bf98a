/**
 * The database behind a saver: opened on first use, configured, brought up to date, closed after the last call. It hands
 * out reads (one snapshot each) and writes (through the write queue); what they say is the queries' business.
 */
import { existsSync } from 'node:fs';
import { SaverClosedError, SaverUnavailableError, SchemaMissingError } from '@cairn/checkpoint-core';
import { classifyError, classifyOpenError } from './classify-error.js';
import { Connection } from './connection.js';
import { checkSchema, migrate } from './migrate.js';
import { inMemoryPath, type ResolvedOptions } from './options.js';
import { checkSqliteVersion } from './sqlite-version.js';
import { inTransaction } from './transaction.js';
import { waitWhileBusy } from './wait-while-busy.js';
import { type WriteMethod, WriteQueue } from './write-queue.js';

interface OpenDatabase {
  readonly connection: Connection;
  readonly session: Session;
}

/** How a call inside {@link Database.use} reaches the tables. */
export interface Session {
  /** Runs queries in one read transaction: they see one snapshot. */
  read<Result>(query: (db: Connection) => Result): Promise<Result>;
  /** Runs guards and changes in one write transaction, shared with others that wait; resolves once it is committed. */
  write<Result>(method: WriteMethod, work: (db: Connection) => Result): Promise<Result>;
  /** Like `write`, in a transaction of its own; `work` runs once. */
  writeAlone<Result>(method: WriteMethod, work: (db: Connection) => Result): Promise<Result>;
}

export class Database {
  readonly #options: ResolvedOptions;
  #opened: Promise<OpenDatabase> | undefined;
  /** Opened, and the tables known to be there. One promise for all, so that calls go on in the order they were made. */
  #ready: Promise<OpenDatabase> | undefined;
  /** How many calls wait for that. Once none does, a call goes on at once. */
  #waiting = 0;
  #session: Session | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /** Makes or migrates the tables. */
  setup(): Promise<void> {
    return this.#track(async () => {
      this.#session = undefined;
      this.#ready = this.#prepare(true);
      await this.#ready;
    });
  }

  /** Runs a call that may read and write several times; `close` waits for it. */
  use<Result>(call: (session: Session) => Promise<Result>): Promise<Result> {
    const session = this.#waiting === 0 ? this.#session : undefined;
    return this.#track(() => (session === undefined ? this.#callOnceReady(call) : call(session)));
  }

  async #callOnceReady<Result>(call: (session: Session) => Promise<Result>): Promise<Result> {
    this.#ready ??= this.#prepare(this.#options.autoSetup);
    this.#waiting += 1;
    try {
      this.#session = (await this.#ready).session;
    } finally {
      this.#waiting -= 1;
    }
    return call(this.#session);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAfterCalls();
    return this.#closing;
  }

  async #closeAfterCalls(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    const database = await this.#opened;
    database?.connection.close();
  }

  /** @throws SaverClosedError */
  checkOpen(): void {
    if (this.#closing !== undefined) throw new SaverClosedError(`The SqliteSaver of ${this.#options.path}`);
  }

  /** @throws SaverClosedError */
  #track<Result>(call: () => Promise<Result>): Promise<Result> {
    this.checkOpen();
    const result = call();
    this.#underWay.add(result);
    return result.then(
      (value) => {
        this.#underWay.delete(result);
        return value;
      },
      (error: unknown) => {
        this.#underWay.delete(result);
        throw classifyError(error, this.#options.path);
      },
    );
  }

  async #prepare(mayMigrate: boolean): Promise<OpenDatabase> {
    try {
      if (!mayMigrate) checkFileExists(this.#options.path);
      this.#opened ??= this.#open().catch((error: unknown) => {
        this.#opened = undefined;
        throw error;
      });
      const database = await this.#opened;
      const { path } = this.#options;
      if (mayMigrate) await migrate(database.connection, path, this.#deadline());
      else checkSchema(database.connection, path);
      return database;
    } catch (error) {
      // The next call tries again: the folder or the tables may have been made, the lock released.
      this.#ready = undefined;
      throw error;
    }
  }

  async #open(): Promise<OpenDatabase> {
    const { path, openDatabase, busyTimeoutMs } = this.#options;
    let connection: Connection | undefined;
    try {
      connection = new Connection(openDatabase(path));
      const opened = connection;
      checkSqliteVersion(opened.get<{ version: string }>('SELECT sqlite_version() AS version')?.version ?? '0');
      await waitWhileBusy(() => configure(opened, this.#options), this.#deadline());
      return { connection, session: this.#sessionOf(opened, new WriteQueue(opened, busyTimeoutMs)) };
    } catch (error) {
      connection?.close();
      throw classifyOpenError(error, path);
    }
  }

  #sessionOf(connection: Connection, queue: WriteQueue): Session {
    return {
      read: (query) =>
        waitWhileBusy(() => inTransaction(connection, 'DEFERRED', () => query(connection)), this.#deadline()),
      write: (method, work) => queue.add({ method, work, alone: false }),
      writeAlone: (method, work) => queue.add({ method, work, alone: true }),
    };
  }

  #deadline(): number {
    return performance.now() + this.#options.busyTimeoutMs;
  }
}

/** Opening would make the file, which a saver that must not make tables leaves to `setup()`. */
function checkFileExists(path: string): void {
  if (path === inMemoryPath || existsSync(path)) return;
  throw new SchemaMissingError(
    `The database ${path} does not exist, and autoSetup is off. Call \`await saver.setup()\` once, or check the path.`,
  );
}

function configure(connection: Connection, { path, synchronous }: ResolvedOptions): void {
  connection.exec('PRAGMA busy_timeout = 2');
  // Takes effect only while the file is empty, so it comes before anything that writes; later it would only take the
  // write lock, and an open would wait for whoever holds it.
  const pages = connection.get<{ page_count: number }>('PRAGMA page_count')?.page_count;
  if (pages === 0) connection.exec('PRAGMA auto_vacuum = INCREMENTAL');
  const mode = connection.get<{ journal_mode: string }>('PRAGMA journal_mode = WAL')?.journal_mode;
  if (mode !== 'wal' && path !== inMemoryPath) {
    throw new SaverUnavailableError(
      `The database ${path} can't be used in WAL mode (it stays in mode ${mode}). Put it on a local disk.`,
      { retryable: false },
    );
  }
  connection.exec(`PRAGMA synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'}`);
  // In pages, so 16 MB. Measured: pages that many commits change, as the last ones of each index, go to the file once for all.
  connection.exec('PRAGMA wal_autocheckpoint = 4000');
  connection.exec(`PRAGMA journal_size_limit = ${64 * 1024 * 1024}`);
}
