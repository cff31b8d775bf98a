/** What a task says of itself in the same words in each of its runs: keys of its effects, the time, chance. */
import type { Superstep } from '../superstep/superstep.js';
import type { StepKey } from './node-context.js';
import { derivedRandom, type EffectAddress, idempotencyKey } from './task-id.js';
import type { TaskRecord } from './task-record.js';

/** One attempt's: calls are told apart by their order. */
export class Recall {
  readonly #superstep: Superstep;
  readonly #task: TaskRecord;
  #nows = 0;
  #randoms = 0;

  constructor(superstep: Superstep, task: TaskRecord) {
    this.#superstep = superstep;
    this.#task = task;
  }

  idempotencyKey(name: string, { key }: StepKey): string {
    return idempotencyKey({ ...this.#address, name, key });
  }

  /** The time that the call had in the task's first run; in that, the time it is, which is yet to be recorded. */
  now(): Date {
    const { nows } = this.#task;
    nows[this.#nows] ??= this.#superstep.scope.storage.clock.now();
    return new Date(nows[this.#nows++] as number);
  }

  random(): number {
    return derivedRandom(this.#address, ++this.#randoms);
  }

  get #address(): Omit<EffectAddress, 'name' | 'key'> {
    const { scope, base, run } = this.#superstep;
    return { threadId: scope.threadId, namespace: base.namespace, run, path: this.#task.path };
  }
}
