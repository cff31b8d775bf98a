/** What one random sequence works on: a saver or two, the model, and the names and builders it draws from. */
import {
  type CheckpointCommit,
  type CheckpointSaver,
  type ErrorCode,
  hasCode,
  type Lease,
  type Namespace,
} from '@cairn/checkpoint-core';
import { type Builders, builders } from '../fixtures/commits.js';
import { describeError } from '../fixtures/outcomes.js';
import { type Random, seededRandom } from '../fixtures/random.js';
import { testClock } from '../fixtures/test-clock.js';
import { type Faults, ModelStore } from './model-store.js';
import type { ModelStream } from './model-thread.js';

/** Where a step acts: small numbers, so that a failing sequence shrinks and reads well. */
export interface Place {
  readonly thread: number;
  readonly namespace: number;
}

const namespaces: readonly Namespace[] = [[], ['child'], ['child', '0']];

export class World {
  readonly model = new ModelStore();
  readonly random: Random = seededRandom(0, 'sequence');
  readonly build: Builders = builders(this.random, testClock());
  /** Every lease that was ever acquired, by thread: a stale token is one that was good once. */
  readonly leases = new Map<string, Lease[]>();
  /** Every thread a step has named. */
  readonly named = new Set<string>();
  readonly #savers: readonly CheckpointSaver[];
  readonly #prefix: string;
  #calls = 0;

  /** @param prefix - begins every thread id, so that sequences may share a store. */
  constructor(savers: readonly CheckpointSaver[], prefix: string) {
    this.#savers = savers;
    this.#prefix = prefix;
  }

  /** The saver whose turn it is: the instances take turns. */
  get saver(): CheckpointSaver {
    this.#calls += 1;
    return this.#savers[this.#calls % this.#savers.length] as CheckpointSaver;
  }

  threadId(slot: number): string {
    const id = `${this.#prefix}-${slot}`;
    this.named.add(id);
    return id;
  }

  address({ thread, namespace }: Place): { readonly threadId: string; readonly namespace: Namespace } {
    return { threadId: this.threadId(thread), namespace: namespaces[namespace] ?? [] };
  }

  stream(place: Place): ModelStream | undefined {
    return this.model.stream(this.address(place));
  }

  /** One of a stream's stored checkpoints, counted from the newest. */
  stored(place: Place, back: number): CheckpointCommit | undefined {
    const kept = this.stream(place)?.kept() ?? [];
    return kept.length === 0 ? undefined : kept[kept.length - 1 - (back % kept.length)];
  }

  /** The token a write carries: the live lease's, none, or one that was live once. */
  token(threadId: string, kind: 'right' | 'none' | 'stale'): string | undefined {
    if (kind === 'none') return undefined;
    const live = this.model.leases.get(threadId);
    if (kind === 'right') return live;
    return (this.leases.get(threadId) ?? []).find(({ token }) => token !== live)?.token ?? live;
  }

  /** Makes the call, and holds it to what the model says of it. */
  async expect<T>(faults: Faults, call: () => Promise<T>): Promise<T | undefined> {
    const outcome = await call().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if ('value' in outcome) {
      if (faults.length === 0) return outcome.value;
      throw new Error(`the call must fail with ${faults.join(' or ')}, and it succeeded`);
    }
    if (faults.some((code: ErrorCode) => hasCode(outcome.error, code))) return undefined;
    const wanted = faults.length === 0 ? 'succeed' : `fail with ${faults.join(' or ')}`;
    throw new Error(`the call must ${wanted}, and it failed with: ${describeError(outcome.error)}`, {
      cause: outcome.error,
    });
  }
}
