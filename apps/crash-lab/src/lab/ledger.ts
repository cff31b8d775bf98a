/** The side-effect ledger: what really happened, whatever the store says. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export class Ledger {
  readonly #path: string;
  readonly #recorded = new Set<string>();
  #read = 0;
  /** Effects that happened again because the worker died before their result was stored. */
  repeats = 0;
  readonly #happened = new Set<string>();

  constructor(folder: string) {
    this.#path = join(folder, 'ledger');
  }

  /**
   * Takes in what happened in one life.
   *
   * @param found - the steps that the store held when it began.
   * @param recorded - the steps that were acknowledged during it.
   * @returns the effects that happened though their result was stored.
   */
  takeLife(found: readonly string[], recorded: readonly string[]): string[] {
    for (const step of found) this.#recorded.add(step);
    const all = existsSync(this.#path) ? readFileSync(this.#path, 'utf8').split('\n').slice(0, -1) : [];
    const now = all.slice(this.#read);
    this.#read = all.length;
    const wrong = now.filter((step, i) => this.#recorded.has(step) || now.indexOf(step) !== i);
    for (const step of now) {
      if (this.#happened.has(step)) this.repeats += 1;
      this.#happened.add(step);
    }
    for (const step of recorded) this.#recorded.add(step);
    return wrong.map((step) => `The effect of step ${step} happened again, and its result was stored.`);
  }
}
