/** Which streams a thread has, from the outside in, each with its last seq. */
import { type Namespace, namespaceKey } from '../address.js';
import { readInfo } from '../checkpointer/read.js';
import type { RowCodec } from '../checkpointer/row-codec.js';
import { type CheckpointSaver, isMaintainable } from '../saver.js';

export interface KnownStream {
  readonly namespace: Namespace;
  readonly lastSeq: number;
}

/** Every stream, also one that nothing leads to; where the saver has no `scan`, those that {@link pinnedStreams} finds. */
export async function allStreams(
  codec: RowCodec,
  saver: CheckpointSaver,
  threadId: string,
  also: Namespace,
): Promise<readonly KnownStream[]> {
  if (!isMaintainable(saver)) return pinnedStreams(codec, saver, threadId, also);
  const streams: KnownStream[] = [];
  for await (const row of saver.scan(threadId)) {
    if (row.kind === 'stream') streams.push({ namespace: row.namespace, lastSeq: row.lastSeq });
    // They come before all else, and the rest is long.
    else if (row.kind !== 'thread') break;
  }
  return outsideIn(streams);
}

/**
 * The thread's root, the streams that a given one is nested in, itself, and all that checkpoints of these pin: what can be
 * found at the cost of what is still there, however many streams the thread has had.
 */
export async function pinnedStreams(
  codec: RowCodec,
  saver: CheckpointSaver,
  threadId: string,
  also: Namespace,
): Promise<readonly KnownStream[]> {
  const found = new Map<string, Namespace>();
  const streams: KnownStream[] = [];
  for (let depth = 0; depth <= also.length; depth += 1) note(also.slice(0, depth));
  // A Map's iteration goes on over what is added during it.
  for (const namespace of found.values()) {
    let lastSeq: number | undefined;
    for await (const header of saver.list({ threadId, namespace })) {
      lastSeq ??= header.seq;
      for (const pin of (await readInfo(codec, header)).body.pins) note(pin.namespace);
    }
    if (lastSeq !== undefined) streams.push({ namespace, lastSeq });
  }
  return outsideIn(streams);

  function note(namespace: Namespace): void {
    found.set(namespaceKey(namespace), namespace);
  }
}

function outsideIn(streams: readonly KnownStream[]): readonly KnownStream[] {
  return streams.toSorted((a, b) => a.namespace.length - b.namespace.length);
}
