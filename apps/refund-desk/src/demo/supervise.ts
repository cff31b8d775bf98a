// Keeps a desk going until all is done: starts it, answers it, kills it as planned, starts it again.
import type { DeskEvent } from '../desk/desk-event.js';
import { DeskError } from '../desk-error.js';
import type { Approver } from './approvals.js';
import type { Kill } from './kill-plan.js';
import type { RunningDesk, StartDesk } from './running-desk.js';

/** A kill that was made. */
export interface MadeKill {
  readonly kill: Kill;
  /** True when the parent killed, because that was the plan or the armed point was not reached in time. */
  readonly fromOutside: boolean;
  /** Tickets completed by then. */
  readonly completed: number;
}

export interface Supervision {
  readonly kills: readonly MadeKill[];
  /** Threads that a restarted desk found unfinished and went on with; one that went through three crashes counts three times. */
  readonly resumed: number;
  readonly failures: ReadonlyMap<string, string>;
}

export interface SuperviseOptions {
  readonly start: StartDesk;
  readonly approver: Approver;
  /** Asked before each start. */
  readonly nextKill: (kills: readonly MadeKill[], completed: ReadonlySet<string>) => Kill | undefined;
  readonly onProgress: (completed: number) => void;
  readonly onKill: (kill: MadeKill, nth: number) => void;
}

export async function supervise(options: SuperviseOptions): Promise<Supervision> {
  const completed = new Set<string>();
  const kills: MadeKill[] = [];
  const failures = new Map<string, string>();
  let resumed = 0;
  for (;;) {
    const kill = options.nextKill(kills, completed);
    const shift = new Shift(options, kill, completed, failures);
    const end = await shift.ended;
    if (kills.length > 0) resumed += shift.resumed;
    if (end.type === 'broken') throw new DeskError(`The desk's worker broke down: ${end.message}`);
    if (end.type === 'stopped') return { kills, resumed, failures };
    if (kill === undefined) {
      // Killed by somebody else: the next one goes on all the same, unless that gets nowhere.
      if (shift.completed === 0)
        throw new DeskError("The desk's worker was killed from outside before it got anything done.");
      continue;
    }
    const made = { kill, fromOutside: shift.killedFromOutside, completed: completed.size };
    kills.push(made);
    options.onKill(made, kills.length);
  }
}

/** One life of the desk, from start to kill or end. */
class Shift {
  readonly #options: SuperviseOptions;
  readonly #kill: Kill | undefined;
  readonly #completed: Set<string>;
  readonly #failures: Map<string, string>;
  /** Requests put off, and those answered whose thread has not been heard of since. */
  readonly #held = new Set<string>();
  readonly #answered = new Set<string>();
  readonly #desk: RunningDesk;
  /** Tickets completed in this life. */
  completed = 0;
  resumed = 0;
  killedFromOutside = false;

  constructor(
    options: SuperviseOptions,
    kill: Kill | undefined,
    completed: Set<string>,
    failures: Map<string, string>,
  ) {
    this.#options = options;
    this.#kill = kill;
    this.#completed = completed;
    this.#failures = failures;
    this.#desk = options.start((event) => this.#hear(event), kill?.crashAt);
  }

  get ended(): RunningDesk['ended'] {
    return this.#desk.ended;
  }

  #hear(event: DeskEvent): void {
    switch (event.type) {
      case 'ready':
        this.#takeStock(event.completed, event.resumed);
        break;
      case 'completed':
        this.#count(event.threadId);
        break;
      case 'waiting':
        this.#consider(event.threadId);
        break;
      case 'failed':
        this.#answered.delete(event.threadId);
        this.#failures.set(event.threadId, event.message);
        break;
      case 'idle':
        this.#answerHeld();
        // An answer may have crossed this event on its way: the desk is at work again then.
        if (this.#answered.size === 0) this.#finish();
        break;
      case 'done':
        this.#finish();
        break;
    }
  }

  #takeStock(completed: readonly string[], resumed: readonly string[]): void {
    this.resumed = resumed.length;
    for (const threadId of completed) this.#completed.add(threadId);
    this.#options.onProgress(this.#completed.size);
  }

  #count(threadId: string): void {
    this.#answered.delete(threadId);
    this.#completed.add(threadId);
    this.#failures.delete(threadId);
    this.#options.onProgress(this.#completed.size);
    this.completed += 1;
    if (this.#kill !== undefined && this.completed >= this.#kill.patience) this.#killNow();
  }

  #consider(threadId: string): void {
    const { approver } = this.#options;
    this.#answered.delete(threadId);
    if (approver.says(threadId) === null) return;
    if (this.#kill === undefined || approver.answersAtOnce(threadId)) this.#answer(threadId);
    else this.#held.add(threadId);
  }

  #answer(threadId: string): void {
    const answer = this.#options.approver.says(threadId);
    if (answer === null) return;
    this.#answered.add(threadId);
    this.#desk.tell({ type: 'answer', threadId, answer });
  }

  #answerHeld(): void {
    for (const threadId of this.#held) this.#answer(threadId);
    this.#held.clear();
  }

  /** Nothing is left to do. A kill that was planned is made all the same, so that the count is what was asked for. */
  #finish(): void {
    if (this.#kill === undefined) this.#desk.tell({ type: 'stop' });
    else this.#killNow();
  }

  #killNow(): void {
    this.killedFromOutside = true;
    this.#desk.kill();
  }
}
