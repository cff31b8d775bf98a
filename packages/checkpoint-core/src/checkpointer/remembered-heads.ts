/**
 * The heads of the streams that were saved to last, so that the next save need not read them.
 *
 * Only what this Checkpointer itself committed is remembered, under an id it drew itself: a stream whose head has that id
 * has those records, whichever process asks. Whether it still is the head, the commit's own compare-and-set tells; nothing
 * here is ever trusted further than that.
 */
import { namespaceKey, type StreamAddress } from '../address.js';
import type { Chain } from '../delta/chain.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import type { CommitBase } from './commit.js';

/** A head with its channels' chains, which hold its values. */
export type SaveBase = CommitBase & { readonly chains: ReadonlyMap<string, Chain> };

/** How much of what was saved is remembered; 0 for either turns it off. */
export interface RememberOptions {
  /** At most so many streams, those saved to last; default 256. */
  readonly streams?: number | undefined;
  /** At most so many bytes of their records and short values, which in memory take two or three times as many; default 64 MiB. */
  readonly bytes?: number | undefined;
}

const DEFAULT_STREAMS = 256;
const DEFAULT_BYTES = 64 * 1024 * 1024;

interface Entry {
  readonly threadId: string;
  readonly base: SaveBase;
  readonly bytes: number;
}

export class RememberedHeads {
  readonly #mostStreams: number;
  readonly #mostBytes: number;
  /** Saved to longest ago first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** @throws InvalidArgumentError when a bound is not a number from 0 up. */
  constructor(remember: RememberOptions = {}) {
    if (typeof remember !== 'object' || remember === null)
      throw new InvalidArgumentError(
        `remember must be 0, or bounds such as { streams: 256 }, not ${String(remember)}.`,
      );
    const { streams = DEFAULT_STREAMS, bytes = DEFAULT_BYTES } = remember;
    checkBound('remember.streams', streams);
    checkBound('remember.bytes', bytes);
    this.#mostStreams = bytes === 0 ? 0 : streams;
    this.#mostBytes = bytes;
  }

  get isOn(): boolean {
    return this.#mostStreams >= 1;
  }

  find(stream: StreamAddress): SaveBase | undefined {
    return this.#entries.get(keyOf(stream))?.base;
  }

  remember(stream: StreamAddress, base: SaveBase): void {
    if (!this.isOn) return;
    const key = keyOf(stream);
    this.#drop(key);
    const bytes = bytesOf(base);
    if (bytes > this.#mostBytes) return;
    this.#entries.set(key, { threadId: stream.threadId, base, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#mostStreams && this.#bytes <= this.#mostBytes) break;
      this.#drop(oldest);
    }
  }

  forget(stream: StreamAddress): void {
    this.#drop(keyOf(stream));
  }

  /** All streams of a thread. */
  forgetThread(threadId: string): void {
    for (const [key, entry] of this.#entries) if (entry.threadId === threadId) this.#drop(key);
  }

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}

/** Injective: the namespace's key is JSON, which says where it ends. */
function keyOf({ threadId, namespace }: StreamAddress): string {
  return `${namespaceKey(namespace)}${threadId}`;
}

function bytesOf({ chains, small }: SaveBase): number {
  let bytes = 0;
  for (const chain of chains.values()) bytes += chain.at(-1)?.allBytes ?? 0;
  for (const [channel, value] of small) bytes += channel.length + (typeof value === 'string' ? value.length : 8);
  return bytes;
}

function checkBound(option: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return;
  throw new InvalidArgumentError(`${option} must be a number from 0 up, not ${String(value)}.`);
}
