/**
 * What a prune of one thread would remove, without removing it.
 *
 * The same choice as the prune's says which checkpoints stay. Two scans of the rows then find the records those rest on, and
 * weigh all others; only keys of what stays are held.
 */
import { type Namespace, namespaceKey } from '../address.js';
import type { PruneReport, RawRecord } from '../records.js';
import type { MaintainableSaver } from '../saver.js';
import { choiceFor } from './choose.js';
import { Needs } from './needs.js';
import { addReports, checkpointsOf, type PruneContext } from './prune-thread.js';
import type { KnownStream } from './streams.js';

/** Of one stream: what stays. What is newer than `newest` came after the choice, and stays, too. */
interface Kept {
  readonly newest: number;
  readonly checkpoints: Set<string>;
  /** By channel and seq. */
  readonly records: Set<string>;
}

/** @throws SaverUnavailableError, retryable, as `scan`. */
export async function foreseePrune(
  context: PruneContext & { readonly saver: MaintainableSaver },
  threadId: string,
  streams: readonly KnownStream[],
  only?: Namespace,
): Promise<PruneReport> {
  const kept = await choose(context, threadId, streams, only);
  for await (const row of context.saver.scan(threadId)) {
    context.signal?.throwIfAborted();
    if (row.kind !== 'record') continue;
    const { records } = kept.get(namespaceKey(row.namespace)) ?? {};
    if (records?.has(keyOf(row.channel, row.seq))) for (const seq of row.restsOn) records.add(keyOf(row.channel, seq));
  }
  let total: PruneReport = { checkpoints: 0, records: 0, writes: 0, bytes: 0 };
  for await (const row of context.saver.scan(threadId)) {
    context.signal?.throwIfAborted();
    total = addReports(total, weigh(row, kept));
  }
  return total;
}

async function choose(
  context: PruneContext,
  threadId: string,
  streams: readonly KnownStream[],
  only: Namespace | undefined,
): Promise<ReadonlyMap<string, Kept>> {
  const needs = new Needs();
  const byStream = new Map<string, Kept>();
  for (const { namespace, lastSeq } of streams) {
    const isPruned = only === undefined || namespaceKey(only) === namespaceKey(namespace);
    const isKept = isPruned ? choiceFor(context.policy, needs, lastSeq, context.now) : () => true;
    let kept: Kept | undefined;
    for await (const { info, isHead } of checkpointsOf(context, { threadId, namespace })) {
      kept ??= { newest: info.seq, checkpoints: new Set(), records: new Set() };
      if (!isKept(info)) continue;
      needs.add(info, isHead);
      if (!isPruned) continue;
      kept.checkpoints.add(info.checkpointId);
      for (const [channel, seq] of info.versions) kept.records.add(keyOf(channel, seq));
    }
    if (kept && isPruned) byStream.set(namespaceKey(namespace), kept);
  }
  return byStream;
}

function weigh(row: RawRecord, byStream: ReadonlyMap<string, Kept>): PruneReport {
  const nothing: PruneReport = { checkpoints: 0, records: 0, writes: 0, bytes: 0 };
  if (row.kind === 'thread' || row.kind === 'stream') return nothing;
  const kept = byStream.get(namespaceKey(row.namespace));
  if (kept === undefined) return nothing;
  const bytes = row.bytes.length;
  if (row.kind === 'write') return kept.checkpoints.has(row.checkpointId) ? nothing : { ...nothing, writes: 1, bytes };
  if (row.seq > kept.newest) {
    // Scanned before the writes, so that those on it are known to stay.
    if (row.kind === 'checkpoint') kept.checkpoints.add(row.checkpointId);
    return nothing;
  }
  if (row.kind === 'checkpoint')
    return kept.checkpoints.has(row.checkpointId) ? nothing : { ...nothing, checkpoints: 1, bytes };
  return kept.records.has(keyOf(row.channel, row.seq)) ? nothing : { ...nothing, records: 1, bytes };
}

function keyOf(channel: string, seq: number): string {
  return `${seq}/${channel}`;
}
