// Bounds how much runs at once: so many slots, first come, first served.

export class Slots {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs the task in a slot of its own, as soon as one is free. */
  async use<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((turn) => this.#queue.push(turn));
    try {
      return await task();
    } finally {
      const next = this.#queue.shift();
      // A slot is handed over, not freed and taken again: nobody can slip in between.
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
