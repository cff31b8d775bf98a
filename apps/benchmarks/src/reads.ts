/** What listing costs beside loading: headers are cheap because no value is read. */
import { join } from 'node:path';
import { Checkpointer } from '@cairn/checkpoint-core';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { compare, type Result } from './rounds.js';

const checkpoints = 1_000;

export async function measureReads(folder: string): Promise<Result[]> {
  const saver = new SqliteSaver({ path: join(folder, 'reads.db'), synchronous: 'normal' });
  const checkpointer = new Checkpointer({ saver });
  const ballast = 'y'.repeat(20_000);
  for (let step = 0; step < checkpoints; step += 1) {
    await checkpointer.save({ threadId: 't', values: { step, ballast: `${step}${ballast}` } });
  }
  const results = await compare(
    [
      { name: 'history with values, 20 KB each', run: () => count(checkpointer.history({ threadId: 't' })) },
      { name: 'infos, without values', run: () => count(checkpointer.infos({ threadId: 't' })) },
    ],
    3,
  );
  await saver.close();
  return results;
}

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let total = 0;
  for await (const _ of items) total += 1;
  return total;
}
