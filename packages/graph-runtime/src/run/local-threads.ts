/**
 * What this process knows of its own runs on a thread, beside what the store says: who of them waits, in order, and which
 * one to tell at once when another takes over. Only the store decides who holds a thread.
 */
import type { CheckpointSaver } from '@cairn/checkpoint-core';

/** Runs of one process pass a thread on to each other for so long; then they hold off, that another process's get a chance. */
const GIVE_WAY_AFTER_MS = 1_000;
/** No waiting run asks the store less often. */
export const LONGEST_WAIT_MS = 250;

const bySaver = new WeakMap<CheckpointSaver, Map<string, LocalThread>>();

/** A run that waits for the thread. */
export interface Place {
  /** True when no other run of this process waited before it. */
  readonly isFirst: boolean;
  /** For how long it is not to try, so that another process can. */
  readonly holdOffMs: number;
  /** Resolves after `ms`, or earlier when it may be worth another try. @throws the signal's reason when it aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  leave(): void;
}

/** A run that holds the thread. */
interface Owner {
  readonly fence: number;
  readonly replaced: () => void;
}

export class LocalThread {
  readonly #forget: () => void;
  /** The waiting runs' ways to be woken, in the order they came. */
  readonly #waiting: (() => void)[] = [];
  readonly #owners = new Set<Owner>();
  /** Since when this process's runs have passed the thread on to each other. */
  #oursSince: number | undefined;
  #quietUntil = 0;

  static of(saver: CheckpointSaver, threadId: string): LocalThread {
    const threads = bySaver.get(saver) ?? new Map<string, LocalThread>();
    bySaver.set(saver, threads);
    const thread = threads.get(threadId) ?? new LocalThread(() => threads.delete(threadId));
    threads.set(threadId, thread);
    return thread;
  }

  private constructor(forget: () => void) {
    this.#forget = forget;
  }

  enter(): Place {
    let wake: () => void = () => undefined;
    const own = () => wake();
    const waiting = this.#waiting;
    const holdOff = () => this.#quietUntil - performance.now();
    waiting.push(own);
    return {
      get isFirst() {
        return waiting[0] === own;
      },
      get holdOffMs() {
        return holdOff();
      },
      pause: (ms, signal) =>
        new Promise((resolve, reject) => {
          const end = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', end);
            if (signal.aborted) reject(signal.reason);
            else resolve();
          };
          const timer = setTimeout(end, ms);
          signal.addEventListener('abort', end);
          wake = end;
          if (signal.aborted) end();
        }),
      leave: () => {
        const wasFirst = waiting[0] === own;
        waiting.splice(waiting.indexOf(own), 1);
        if (wasFirst) waiting[0]?.();
        this.#tidy();
      },
    };
  }

  /**
   * Notes that a run has acquired the thread's lease, and tells those it took over from, if they are ours. Of leases that were
   * taken at once this process may hear in another order than the store gave them: their fences say who took over.
   *
   * @param fence - the lease's.
   * @param replaced - called when another run of this process takes the thread over.
   * @returns to be called once the lease is given back: it lets the next one try.
   */
  own(fence: number, replaced: () => void): () => void {
    const owner = { fence, replaced };
    for (const other of this.#owners) (other.fence < fence ? other : owner).replaced();
    this.#owners.add(owner);
    this.#oursSince ??= performance.now();
    return () => {
      this.#owners.delete(owner);
      const givesWay = performance.now() - (this.#oursSince ?? 0) >= GIVE_WAY_AFTER_MS;
      if (givesWay || this.#waiting.length === 0) this.#oursSince = undefined;
      if (givesWay) this.#quietUntil = performance.now() + LONGEST_WAIT_MS;
      this.#waiting[0]?.();
      this.#tidy();
    };
  }

  #tidy(): void {
    if (this.#waiting.length === 0 && this.#owners.size === 0) this.#forget();
  }
}
