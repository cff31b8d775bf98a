/**
 * The database behind a saver: its pool, its tables brought up to date on first use, and each call tried again while the
 * server is away. What a call says to the tables is the queries' business.
 */
import { crashPoint, publishRetry, SaverClosedError } from '@cairn/checkpoint-core';
import { checkRights } from './check-rights.js';
import { classifyError, isBroken, OpenTransaction } from './classify-error.js';
import { Connection, Statements } from './connection.js';
import { Deadline } from './deadline.js';
import { checkSchema, migrate } from './migrate.js';
import type { ResolvedOptions } from './options.js';
import { isInTransaction, type PostgresClient, type PostgresPool, survivePoolErrors } from './postgres-driver.js';
import { retry } from './retry.js';

/**
 * Names the crash points `postgres:<method>-before` (nothing is sent yet), `-inside` (the first statement is sent, nothing
 * has come back) and `-after` (the answer is there, the caller does not have it).
 */
export type Method =
  | 'read'
  | 'put'
  | 'put-writes'
  | 'lease'
  | 'delete'
  | 'prune'
  | 'copy'
  | 'restore'
  | 'replace'
  | 'migrate';

export interface Attempt {
  /** True when an earlier attempt may have been carried out although its answer was lost. */
  readonly isRepeat: boolean;
}

const saver = 'PostgresSaver';

/** How many connections one attempt closes at most because a transaction was left open on them. */
const mostLeftOpen = 64;

type Work<Result> = (db: Connection, attempt: Attempt) => Promise<Result>;

export class Database {
  readonly #options: ResolvedOptions;
  readonly #pool: PostgresPool;
  readonly #statements: Statements;
  readonly #deadline: Deadline;
  /** The tables are known to be there. One promise for all, so that calls go on in the order they were made. */
  #ready: Promise<void> | undefined;
  /** How many calls are. */
  #underWay = 0;
  #onIdle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#statements = new Statements(options.schema, options.prepare);
    this.#deadline = new Deadline(options.statementTimeoutMs);
    this.#pool = options.openPool();
    survivePoolErrors(this.#pool);
  }

  /** Makes or migrates the tables. */
  setup(): Promise<void> {
    return this.#track(async () => {
      this.#ready = this.#prepare(true);
      await this.#ready;
    });
  }

  /**
   * @throws SchemaMissingError, SchemaTooNewError unless the tables are there and this version may use them.
   * @throws SaverUnavailableError when this user may commit in some ways and not in others.
   */
  verifySchema(): Promise<void> {
    const { schema } = this.#options;
    return this.#track(() =>
      this.#run('read', async (db) => {
        await checkSchema(db, schema);
        await checkRights(db, schema);
      }),
    );
  }

  /** Runs a call on one connection, and again where that may help. `close` waits for it. */
  async run<Result>(method: Method, work: Work<Result>): Promise<Result> {
    // As `#track` does it, in fewer promises: every commit and read comes by here.
    this.#begin();
    try {
      this.#ready ??= this.#prepare(this.#options.autoSetup);
      await this.#ready;
      return await this.#run(method, work);
    } catch (error) {
      throw classifyError(error, this.#options.schema);
    } finally {
      this.#end();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAfterCalls();
    return this.#closing;
  }

  /** @throws SaverClosedError */
  checkOpen(): void {
    if (this.#closing !== undefined) throw new SaverClosedError(`The PostgresSaver of schema ${this.#options.schema}`);
  }

  async #closeAfterCalls(): Promise<void> {
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    if (this.#options.isOwnPool) await this.#pool.end();
  }

  async #track(call: () => Promise<void>): Promise<void> {
    this.#begin();
    try {
      await call();
    } catch (error) {
      throw classifyError(error, this.#options.schema);
    } finally {
      this.#end();
    }
  }

  #begin(): void {
    this.checkOpen();
    this.#underWay += 1;
  }

  #end(): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#onIdle?.();
  }

  async #prepare(mayMigrate: boolean): Promise<void> {
    const { schema } = this.#options;
    try {
      await this.#run('migrate', (db) => (mayMigrate ? migrate(db, schema) : checkSchema(db, schema)));
    } catch (error) {
      // The next call tries again: the server may be back, the tables made, a right granted.
      this.#ready = undefined;
      throw error;
    }
  }

  #run<Result>(method: Method, work: Work<Result>): Promise<Result> {
    const { retryForMs: forMs, schema } = this.#options;
    return retry(
      forMs,
      (before) => this.#attempt(method, work, { isRepeat: before > 0 }),
      ({ error, ...failed }) =>
        publishRetry(() => ({ saver, call: method, forMs, ...failed, error: classifyError(error, schema) })),
    );
  }

  async #attempt<Result>(method: Method, work: Work<Result>, attempt: Attempt): Promise<Result> {
    let client = await this.#connect();
    if (isInTransaction(client)) client = await this.#connectInstead(client);
    let lost: Error | undefined;
    const noteLoss = (error: Error): void => {
      lost = error;
    };
    // Without a listener, a connection that is lost between two statements would end the process.
    client.on('error', noteLoss);
    try {
      crashPoint(`postgres:${method}-before`);
      const answer = work(new Connection(client, this.#statements, this.#deadline), attempt);
      crashPoint(`postgres:${method}-inside`);
      const result = await answer;
      // A BEGIN that was on its way when the connection was handed over came first: what was done is undone with it.
      if (isInTransaction(client)) throw new OpenTransaction('the call was made in a transaction');
      crashPoint(`postgres:${method}-after`);
      return result;
    } catch (error) {
      if (isBroken(error)) lost ??= error as Error;
      throw error;
    } finally {
      client.removeListener('error', noteLoss);
      if (lost !== undefined) client.on('error', ignoreLoss);
      client.release(lost);
    }
  }

  /**
   * A connection in place of one that seems to be in a transaction. What its last user still has on its way may end it: that
   * is waited for. One on which a transaction was left open is closed, as nobody else would.
   */
  async #connectInstead(taken: PostgresClient): Promise<PostgresClient> {
    for (let [client, left] = [taken, mostLeftOpen]; ; left -= 1) {
      if (!(await this.#isLeftOpen(client))) return client;
      client.release(true);
      if (left === 0) throw new OpenTransaction('every connection was in a transaction');
      client = await this.#connect();
    }
  }

  async #isLeftOpen(client: PostgresClient): Promise<boolean> {
    if (!isInTransaction(client)) return false;
    client.on('error', ignoreLoss);
    try {
      await this.#deadline.within(client.query({ text: '' }));
      client.removeListener('error', ignoreLoss);
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
    return isInTransaction(client);
  }

  #connect(): Promise<PostgresClient> {
    const connected = this.#pool.connect();
    return this.#deadline.within(connected, () => {
      // One that comes too late goes back at once.
      connected.then(
        (client) => client.release(),
        () => {},
      );
    });
  }
}

/** The connection is on its way out already. */
function ignoreLoss(): void {}
