/**
 * Group commit: the writes that wait at one time share one transaction, and so one wait for the disk.
 *
 * Each piece of work reads all it must know before it changes anything, so a loser is refused with nothing to undo, and
 * no savepoint is needed. Only when something unexpected fails (a full disk) is the transaction rolled back and each
 * piece run alone, so that it fails alone. A write is acknowledged after its COMMIT.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CheckpointError, crashPoint } from '@cairn/checkpoint-core';
import { isBusy } from './classify-error.js';
import type { Connection } from './connection.js';
import { inTransaction } from './transaction.js';
import { waitWhileBusy } from './wait-while-busy.js';

/** Names the crash points `sqlite:<method>-before`, `-inside` and `-after` its transaction. */
export type WriteMethod = 'put' | 'put-writes' | 'lease' | 'delete' | 'prune' | 'copy' | 'restore' | 'replace';

interface Work<Result> {
  readonly method: WriteMethod;
  readonly work: (db: Connection) => Result;
  /** True for work that must not share a transaction, nor be run a second time. */
  readonly alone: boolean;
}

interface Job extends Work<unknown> {
  /** When to give up on a locked file, in milliseconds of `performance.now()`; the wait in the queue counts too. */
  readonly deadline: number;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Tells a caller what came of its job. */
type Outcome = () => void;

/**
 * After so many groups of one in a row, nobody is there to join: a lone writer then gets its turns of the event loop only
 * this often, for timers, signals and whoever else comes. A turn for each commit would cost it a twentieth of its time.
 */
const groupsOfALoneWriter = 8;
const longestWithoutTurnMs = 5;

/** So that a long queue is not one long transaction, and the event loop gets its turns. */
const mostJobsTogether = 128;

export class WriteQueue {
  readonly #connection: Connection;
  readonly #busyTimeoutMs: number;
  readonly #waiting: Job[] = [];
  #isDraining = false;
  #groupsOfOne = 0;
  #lastTurnAt = 0;

  constructor(connection: Connection, busyTimeoutMs: number) {
    this.#connection = connection;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  /** @returns what `work` returned, once its transaction is committed. */
  add<Result>(work: Work<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const deadline = performance.now() + this.#busyTimeoutMs;
      this.#waiting.push({ ...work, deadline, resolve: (result) => resolve(result as Result), reject });
      if (!this.#isDraining) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    while (this.#waiting.length > 0) {
      if (this.#mayOthersJoin()) await this.#takeTurn();
      const group = this.#takeGroup();
      this.#groupsOfOne = group.length === 1 ? this.#groupsOfOne + 1 : 0;
      const rest = this.#commitGroup(group);
      if (rest !== undefined) await rest;
    }
    this.#isDraining = false;
  }

  /** Whatever else is called in this turn of the event loop joins the group. */
  #mayOthersJoin(): boolean {
    const isAlone = this.#groupsOfOne >= groupsOfALoneWriter;
    return !isAlone || performance.now() - this.#lastTurnAt >= longestWithoutTurnMs;
  }

  async #takeTurn(): Promise<void> {
    await nextTurn();
    this.#lastTurnAt = performance.now();
  }

  #takeGroup(): Job[] {
    const firstAlone = this.#waiting.findIndex(({ alone }) => alone);
    const together = firstAlone === -1 ? this.#waiting.length : Math.max(firstAlone, 1);
    return this.#waiting.splice(0, Math.min(together, mostJobsTogether));
  }

  /** @returns what is left to wait for; mostly the group is done with at once, and there is nothing. */
  #commitGroup(jobs: readonly Job[]): Promise<void> | undefined {
    for (const { method } of jobs) crashPoint(`sqlite:${method}-before`);
    let outcomes: Outcome[];
    try {
      outcomes = this.#commit(jobs);
    } catch (error) {
      return isBusy(error) ? this.#commitOnceFree(jobs) : this.#failAlone(jobs, error);
    }
    tellAll(jobs, outcomes);
    return undefined;
  }

  async #commitOnceFree(jobs: readonly Job[]): Promise<void> {
    let outcomes: Outcome[];
    try {
      outcomes = await waitWhileBusy(() => this.#commit(jobs), Math.min(...jobs.map((job) => job.deadline)));
    } catch (error) {
      await (isBusy(error) ? this.#goOnWaiting(jobs, error) : this.#failAlone(jobs, error));
      return;
    }
    tellAll(jobs, outcomes);
  }

  /** After a failure that nobody expected: each of several is tried alone, so that whoever is to blame fails alone. */
  async #failAlone(jobs: readonly Job[], error: unknown): Promise<void> {
    if (jobs.length === 1) jobs[0]?.reject(error);
    else for (const job of jobs) await this.#commitGroup([job]);
  }

  /** Refuses the jobs whose time is over; the others wait on. */
  async #goOnWaiting(jobs: readonly Job[], error: unknown): Promise<void> {
    const now = performance.now();
    const left = jobs.filter(({ deadline }) => deadline > now);
    for (const job of jobs) if (job.deadline <= now) job.reject(error);
    if (left.length > 0) await this.#commitGroup(left);
  }

  /** @returns how to tell each caller, once it is committed. */
  #commit(jobs: readonly Job[]): Outcome[] {
    return inTransaction(this.#connection, 'IMMEDIATE', () => {
      const outcomes = jobs.map((job) => run(job, this.#connection));
      for (const { method } of jobs) crashPoint(`sqlite:${method}-inside`);
      return outcomes;
    });
  }
}

/** Does the work. A refusal is the job's own outcome, since nothing was changed; anything else is thrown. */
function run(job: Job, db: Connection): Outcome {
  try {
    const result = job.work(db);
    return () => job.resolve(result);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    return () => job.reject(error);
  }
}

/** Once they are committed, and not before. */
function tellAll(jobs: readonly Job[], outcomes: readonly Outcome[]): void {
  for (const { method } of jobs) crashPoint(`sqlite:${method}-after`);
  for (const tell of outcomes) tell();
}
