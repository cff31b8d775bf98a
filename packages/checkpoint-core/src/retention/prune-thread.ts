/**
 * Dropping what a policy lets go of one thread, while runs of it may go on.
 *
 * From the outside in: a stream's checkpoints go before what they pin in the streams nested in it, and what those may lose is
 * read from the headers that are left then. So at every instant what is stored has what it pins. Three things make that hold
 * against a run that commits meanwhile. What it commits follows a head, or forks from a checkpoint that is still there, and
 * takes over the pins of that. What it pins anew is a nested stream's newest, and the last seqs are read before anything
 * else. And a fork from a checkpoint that was dropped is refused by the saver.
 */
import { type CheckpointId, namespaceKey, type StreamAddress } from '../address.js';
import { readInfo } from '../checkpointer/read.js';
import type { RowCodec } from '../checkpointer/row-codec.js';
import type { CheckpointInfo } from '../checkpointer/snapshot.js';
import type { PruneReport } from '../records.js';
import type { CheckpointSaver } from '../saver.js';
import { choiceFor } from './choose.js';
import { Needs } from './needs.js';
import type { RetentionPolicy } from './policy.js';
import type { KnownStream } from './streams.js';

export interface PruneContext {
  readonly codec: RowCodec;
  readonly saver: CheckpointSaver;
  readonly policy: RetentionPolicy;
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
  /** How many ids are held before they are dropped: a saver looks at the whole stream in each call. Default 50,000. */
  readonly batchSize?: number | undefined;
}

/**
 * @param streams - from the outside in.
 * @param only - the one stream to prune; the others are asked what they need of it.
 */
export async function pruneThread(
  context: PruneContext,
  threadId: string,
  streams: readonly KnownStream[],
  only?: StreamAddress['namespace'],
): Promise<PruneReport> {
  const needs = new Needs();
  let total: PruneReport = { checkpoints: 0, records: 0, writes: 0, bytes: 0 };
  for (const [index, { namespace, lastSeq }] of streams.entries()) {
    const stream = { threadId, namespace };
    if (only === undefined || namespaceKey(only) === namespaceKey(namespace)) {
      const choose = choiceFor(context.policy, needs, lastSeq, context.now);
      total = addReports(total, await dropUnless(context, stream, choose));
    }
    if (index === streams.length - 1) break;
    for await (const { info, isHead } of checkpointsOf(context, stream)) needs.add(info, isHead);
  }
  return total;
}

async function dropUnless(
  context: PruneContext,
  stream: StreamAddress,
  isKept: (info: CheckpointInfo) => boolean,
): Promise<PruneReport> {
  const { saver, signal, batchSize = 50_000 } = context;
  let total: PruneReport = { checkpoints: 0, records: 0, writes: 0, bytes: 0 };
  let drop: CheckpointId[] = [];
  for await (const { info } of checkpointsOf(context, stream)) {
    if (isKept(info)) continue;
    drop.push(info.checkpointId);
    if (drop.length < batchSize) continue;
    signal?.throwIfAborted();
    total = addReports(total, await saver.prune(stream, drop));
    drop = [];
  }
  signal?.throwIfAborted();
  return drop.length === 0 ? total : addReports(total, await saver.prune(stream, drop));
}

/** A stream's checkpoints by their headers, newest first; stops where the signal says so. */
export async function* checkpointsOf(
  { codec, saver, signal }: PruneContext,
  stream: StreamAddress,
): AsyncGenerator<{ readonly info: CheckpointInfo; readonly isHead: boolean }, void, undefined> {
  let isHead = true;
  for await (const header of saver.list(stream)) {
    signal?.throwIfAborted();
    yield { info: await readInfo(codec, header), isHead };
    isHead = false;
  }
}

export function addReports(one: PruneReport, other: PruneReport): PruneReport {
  return {
    checkpoints: one.checkpoints + other.checkpoints,
    records: one.records + other.records,
    writes: one.writes + other.writes,
    bytes: one.bytes + other.bytes,
  };
}
