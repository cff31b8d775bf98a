/** Results of nodes that are handed out again instead of running the node: where they are kept, and under what key. */
import { createHash } from 'node:crypto';
import { InvalidArgumentError } from '@cairn/checkpoint-core';
import type { NodeDefinition } from '../graph/definition.js';
import type { Superstep } from '../superstep/superstep.js';
import { untilAborted } from './until-aborted.js';
import type { FinishedTask } from './write-keys.js';

/** What a node returned: its admitted updates and where they send the run, as deep-frozen data. */
export type CachedResult = Pick<FinishedTask, 'updates' | 'goto'>;

/**
 * Keeps results by key, for the nodes that ask for it with `cache`.
 *
 * A cache saves work and decides nothing: it may forget whatever it likes. One that fails counts as one that has nothing. One
 * outside of the process encodes what it is given, for instance with `createCairnSerializer()`.
 */
export interface ResultCache {
  /** @returns undefined when nothing is known, or no longer. */
  get(key: string): Promise<CachedResult | undefined> | CachedResult | undefined;
  /** @param ttlMs - how long it may be handed out, in milliseconds; undefined is for ever. */
  set(key: string, result: CachedResult, ttlMs: number | undefined): Promise<void> | void;
}

interface Entry {
  readonly result: CachedResult;
  /** By the process's monotonic clock. */
  readonly expiresAt: number;
}

/** The results of this process, the most recently used of them: what a graph has where `compile` is given no other. */
export class MemoryResultCache implements ResultCache {
  readonly #maxEntries: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();

  constructor({ maxEntries = 1_000 }: { readonly maxEntries?: number } = {}) {
    if (!(maxEntries >= 1)) throw new InvalidArgumentError(`maxEntries must be 1 or more, not ${String(maxEntries)}.`);
    this.#maxEntries = maxEntries;
  }

  get(key: string): CachedResult | undefined {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    if (entry === undefined || entry.expiresAt <= performance.now()) return undefined;
    this.#entries.set(key, entry);
    return entry.result;
  }

  set(key: string, result: CachedResult, ttlMs: number | undefined): void {
    this.#entries.delete(key);
    this.#entries.set(key, { result, expiresAt: performance.now() + (ttlMs ?? Number.POSITIVE_INFINITY) });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }
}

/**
 * The key of a task's result: what the node's policy says of its input, bound to the node and to the state's name and version,
 * so that no node and no changed state meets another's results. Undefined where nothing is cached.
 *
 * @throws what the policy's `key` throws, and InvalidArgumentError where it returns what is no key.
 * @throws what the run is to end with, while the key takes its time.
 */
export async function cacheKey(
  { scope }: Superstep,
  node: NodeDefinition,
  input: unknown,
): Promise<string | undefined> {
  const key: unknown = await untilAborted(Promise.resolve(node.cache?.key(input)), scope.signal);
  if (key === undefined) return undefined;
  if (typeof key !== 'string')
    throw new InvalidArgumentError(`cache.key must return a text or undefined, not ${typeof key}.`);
  const { name, version } = scope.graph.stamp;
  return createHash('sha256')
    .update(JSON.stringify([name, version, node.name, key]))
    .digest('base64url');
}

/** @throws what the run is to end with, while the cache takes its time. */
export async function readCached({ scope }: Superstep, key: string): Promise<CachedResult | undefined> {
  try {
    return await untilAborted(Promise.resolve(scope.graph.cache.get(key)), scope.signal);
  } catch {
    scope.signal.throwIfAborted();
    return undefined;
  }
}

/** Returns early when the run is to end while the cache takes its time: the result is there. */
export async function writeCached(
  { scope }: Superstep,
  key: string,
  { updates, goto }: CachedResult,
  ttlMs: number | undefined,
) {
  try {
    await untilAborted(Promise.resolve(scope.graph.cache.set(key, { updates, goto }, ttlMs)), scope.signal);
  } catch {
    // The result is there all the same; the next task works it out again.
  }
}
