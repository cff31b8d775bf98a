/** What is done to whole threads: prune, copy, scan and restore, replace, delete. */
import { Checkpointer, type RawRecord, rawDigest } from '@cairn/checkpoint-core';
import type { TellingSaver } from '../life/telling-saver.js';

export async function threadLoop(saver: TellingSaver, threadId: string): Promise<void> {
  const checkpointer = new Checkpointer({ saver });
  const ids: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    const saved = await checkpointer.save({ threadId, values: { round, rare: Math.floor(round / 2) } });
    ids.push(saved.checkpointId);
  }
  await saver.prune({ threadId, namespace: [] }, ids.slice(0, 2));
  await saver.copyThread(threadId, `${threadId}-copy`);
  const rows: RawRecord[] = [];
  for await (const row of saver.scan(threadId)) rows.push(row);
  await saver.restore(`${threadId}-restored`, stream(rows), threadId);
  const records = rows.filter(({ kind }) => kind === 'record');
  await saver.replace(threadId, records, records.map(rawDigest));
  await saver.deleteThread(threadId);
}

async function* stream(rows: readonly RawRecord[]): AsyncGenerator<RawRecord> {
  yield* rows;
}
