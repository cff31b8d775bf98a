/** What a stream that begins in a thread is bound to. */
import type { StreamAddress } from '../address.js';
import { type CheckpointSaver, isMaintainable } from '../saver.js';
import { get } from './traced-saver.js';

/** The origin of the thread: a copied thread keeps its source's. Undefined where the thread has none yet. */
export async function originOf(
  saver: CheckpointSaver,
  { threadId, namespace }: StreamAddress,
): Promise<string | undefined> {
  const root = namespace.length > 0 ? await get(saver, { threadId, namespace: [] }) : undefined;
  if (root) return root.header.origin;
  // Other nested streams, or nothing: the thread's own row says it, where the saver can show it.
  if (isMaintainable(saver)) {
    for await (const row of saver.scan(threadId)) return row.kind === 'thread' ? row.origin : undefined;
  }
  return undefined;
}
