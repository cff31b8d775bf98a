/** One mutation of a thread at a time, in the order they were asked for; different threads do not wait for each other. */
export class ThreadLocks {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<Result>(threadId: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(threadId) ?? Promise.resolve();
    // Whether the one before succeeded is its caller's business.
    const turn = before.then(work, work);
    this.#last.set(threadId, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(threadId) === turn) this.#last.delete(threadId);
    }
  }
}
