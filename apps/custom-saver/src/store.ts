/**
 * The database behind a saver, in the two ways the saver uses it: `read` (from one snapshot) and `change` (under the
 * thread's lock, in one synced batch). Opening, closing and errors are here; what rows mean is not.
 */
import { resolve } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { CorruptCheckpointError, crashPoint, SaverClosedError, SaverUnavailableError } from '@cairn/checkpoint-core';
import { ClassicLevel, type Snapshot } from 'classic-level';
import type { Key, Range } from './keys.js';
import { ThreadLocks } from './thread-locks.js';

/** Rows are plain data; this keeps them exactly, bytes as bytes, and Node promises to read what older Nodes wrote. */
const rowEncoding = { name: 'row', format: 'buffer', encode: serialize, decode: deserialize } as const;

/** The rows as they were at one instant. */
export class Rows {
  readonly #db: ClassicLevel<string, unknown>;
  readonly #at: { readonly snapshot: Snapshot };

  constructor(db: ClassicLevel<string, unknown>, snapshot: Snapshot) {
    this.#db = db;
    this.#at = { snapshot };
  }

  /** Synchronous: LevelDB reads one block at most, sooner than Node's thread pool would have answered. */
  get<Row>(key: Key<Row>): Row | undefined {
    return this.#db.getSync(key, this.#at) as Row | undefined;
  }

  /** Those that are there, in the order of the keys. */
  getAll<Row>(keys: readonly Key<Row>[]): Row[] {
    return keys.map((key) => this.get(key)).filter((row) => row !== undefined);
  }

  async list<Row>(range: Range<Row>, options: { reverse?: boolean; limit?: number } = {}): Promise<Row[]> {
    return (await this.#db.values({ ...range, ...options, ...this.#at }).all()) as Row[];
  }

  async keys(range: Range<unknown>): Promise<string[]> {
    return await this.#db.keys({ ...range, ...this.#at }).all();
  }

  /** The least thread id after this one that has any row, a lease's included. */
  async nextThread(after: string): Promise<string | undefined> {
    const [key] = await this.#db.keys({ gte: `${after}\u0001`, limit: 1, ...this.#at }).all();
    return key?.slice(0, key.indexOf('\0'));
  }
}

/** What a mutation will store and remove, all at once, when it is through with its guards. */
export class Changes {
  readonly operations: ({ type: 'put'; key: string; value: unknown } | { type: 'del'; key: string })[] = [];

  put<Row>(key: Key<Row>, value: Row): void {
    this.operations.push({ type: 'put', key, value });
  }

  del(key: string): void {
    this.operations.push({ type: 'del', key });
  }
}

/** A process opens a LevelDB folder once, so all savers of one path share one of these; the last to close closes it. */
interface SharedDatabase {
  readonly db: ClassicLevel<string, unknown>;
  readonly locks: ThreadLocks;
  users: number;
}
const sharedDatabases = new Map<string, SharedDatabase>();

function share(path: string): SharedDatabase {
  const db = sharedDatabases.get(path)?.db ?? new ClassicLevel<string, unknown>(path, { valueEncoding: rowEncoding });
  const shared = sharedDatabases.get(path) ?? { db, locks: new ThreadLocks(), users: 0 };
  sharedDatabases.set(path, shared);
  shared.users += 1;
  return shared;
}

export class Store {
  readonly #path: string;
  readonly #underWay = new Set<Promise<unknown>>();
  #shared: SharedDatabase | undefined;
  #closing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = resolve(path);
  }

  /** Runs reads that all see the same instant. */
  read<Result>(work: (rows: Rows) => Result | Promise<Result>): Promise<Result> {
    return this.#use(async ({ db }) => {
      await using snapshot = db.snapshot();
      return await work(new Rows(db, snapshot));
    });
  }

  /** Runs a mutation's guards and collects its changes, alone on its thread; then makes all of them or, if it threw, none. */
  change<Result>(threadId: string, work: (rows: Rows, changes: Changes) => Result | Promise<Result>): Promise<Result> {
    return this.#use(({ db, locks }) =>
      locks.run(threadId, async () => {
        const changes = new Changes();
        // Taken with the lock held: the guards see what the mutation before this one has stored.
        await using snapshot = db.snapshot();
        const result = await work(new Rows(db, snapshot), changes);
        if (changes.operations.length === 0) return result;
        crashPoint('level:before-batch');
        await db.batch(changes.operations, { sync: true });
        crashPoint('level:after-batch');
        return result;
      }),
    );
  }

  /** @throws SaverClosedError */
  checkOpen(): void {
    if (this.#closing !== undefined) throw new SaverClosedError(`The LevelSaver of ${this.#path}`);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAfterCalls();
    return this.#closing;
  }

  async #use<Result>(call: (shared: SharedDatabase) => Promise<Result>): Promise<Result> {
    this.checkOpen();
    this.#shared ??= share(this.#path);
    const shared = this.#shared;
    // Opening what is open does nothing; what could not be opened is tried anew.
    const result = shared.db.open().then(() => call(shared));
    this.#underWay.add(result);
    try {
      return await result;
    } catch (error) {
      throw describeFailure(error, this.#path);
    } finally {
      this.#underWay.delete(result);
    }
  }

  async #closeAfterCalls(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    if (this.#shared === undefined) return;
    this.#shared.users -= 1;
    if (this.#shared.users === 0) await this.#shared.db.close();
    // Another saver may have come while it closed; it opens the same one again.
    if (this.#shared.users === 0) sharedDatabases.delete(this.#path);
  }
}

/** The driver's errors as errors for people; any other as it is. */
function describeFailure(error: unknown, path: string): unknown {
  if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('LEVEL_'))) return error;
  // A failure to open has the reason as its cause.
  const reason = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in reason ? reason.code : undefined;
  if (code === 'LEVEL_CORRUPTION' || code === 'LEVEL_DECODE_ERROR') {
    const message = `The database ${path} is damaged (${reason.message}). Restore a backup.`;
    return new CorruptCheckpointError(message, { cause: error });
  }
  const [what, remedy] =
    code === 'LEVEL_LOCKED'
      ? ['is open in another process, and LevelDB admits one', 'Close it there']
      : [`failed (${reason.message})`, 'Check the path, its rights and the free space'];
  return new SaverUnavailableError(`The database ${path} ${what}. ${remedy}, then try again.`, { cause: error });
}
