/** A thread as it lies in the store, against what it must be: rows, their counts, and where its streams end. */
import { namespaceKey } from '@cairn/checkpoint-core';
import type { ModelThread } from './model.js';
import type { StoredThread } from './stored-thread.js';

/** @returns what is wrong, in sentences. */
export function compareThread(threadId: string, expected: ModelThread, stored: StoredThread): string[] {
  const faults = [
    ...compareMaps(
      'checkpoint',
      new Map([...expected.checkpoints].map(([key, { print }]) => [key, print])),
      stored.checkpoints,
    ),
    ...compareMaps('pending write', expected.writes, stored.writes),
    ...compareRecords(expected, stored),
    ...compareStreams(expected, stored),
  ];
  const counted = stored.checkpoints.size + stored.records.length + stored.writes.size;
  const told = stored.thread?.rowCount ?? 0;
  if (counted !== told) faults.push(`its row counts ${told} rows, and there are ${counted}`);
  return faults.map((fault) => `Thread ${threadId}: ${fault}.`);
}

function compareMaps(
  what: string,
  expected: ReadonlyMap<string, string>,
  stored: ReadonlyMap<string, string>,
): string[] {
  const lost = [...expected.keys()].filter((key) => !stored.has(key)).map((key) => `${what} ${key} is lost`);
  const strange = [...stored].flatMap(([key, print]) => {
    const known = expected.get(key);
    if (known === undefined) return [`${what} ${key} should not be there`];
    return known === print ? [] : [`${what} ${key} is not what was acknowledged`];
  });
  return [...lost, ...strange];
}

function compareRecords({ checkpoints }: ModelThread, { records, named, present }: StoredThread): string[] {
  const acknowledged = new Set([...checkpoints.values()].flatMap((checkpoint) => checkpoint.records));
  return [
    ...[...named].filter((record) => !present.has(record)).map((record) => `record ${record} is lost`),
    ...[...present].filter((record) => !named.has(record)).map((record) => `nothing needs record ${record}`),
    // After a prune a record may outlive the checkpoint that brought it.
    ...(checkpoints.size === 0 ? records : []).map((print) => `record ${print} should not be there`),
    ...missing(acknowledged, records, named),
  ];
}

/** Records that a kept checkpoint brought are there as they were, as that checkpoint itself needs them. */
function missing(acknowledged: ReadonlySet<string>, records: readonly string[], named: ReadonlySet<string>): string[] {
  if (named.size === 0) return [];
  const stored = new Set(records);
  return [...acknowledged].filter((print) => !stored.has(print)).map((print) => `record ${print} is lost or altered`);
}

function compareStreams({ checkpoints }: ModelThread, { streams }: StoredThread): string[] {
  const heads = new Map<string, { readonly seq: number; readonly checkpointId: string }>();
  for (const checkpoint of checkpoints.values()) {
    const head = heads.get(checkpoint.stream);
    if (head === undefined || checkpoint.seq > head.seq) heads.set(checkpoint.stream, checkpoint);
  }
  if (heads.size !== streams.length) return [`it has ${streams.length} streams instead of ${heads.size}`];
  return streams.flatMap(({ namespace, lastSeq, headId }) => {
    const head = heads.get(namespaceKey(namespace));
    if (head?.seq === lastSeq && head.checkpointId === headId) return [];
    return [`a stream ends at ${lastSeq} (${headId}) instead of ${head?.seq} (${head?.checkpointId})`];
  });
}
