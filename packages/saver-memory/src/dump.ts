/** A store as one value: what `dump` returns and `restore` takes back. */
import { InvalidArgumentError, type RawRecord } from '@cairn/checkpoint-core';
import { copyRow } from './copies.js';
import { MemoryThread } from './memory-thread.js';

/** Every row of a store, as a value of its own: it can be cloned, compared, kept and restored. Leases are left out. */
export type MemoryDump = readonly RawRecord[];

/** @throws InvalidArgumentError when it is no dump. */
export function threadsOf(dump: MemoryDump): Map<string, MemoryThread> {
  const threads = new Map<string, MemoryThread>();
  try {
    for (const row of dump) {
      const thread = threads.get(row.threadId) ?? new MemoryThread();
      thread.set(copyRow(row));
      threads.set(row.threadId, thread);
    }
    for (const thread of threads.values()) thread.countHeadWrites();
  } catch (cause) {
    throw new InvalidArgumentError('restore takes what `dump` returned, and this has something else in it.', { cause });
  }
  return threads;
}
