/** A chain that is read from a store weighs what it weighed in the process that made it. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { expect, it } from 'vitest';

const threadId = 't';

/** How many records each save's own rests on, of a list that grows by 1 KB a save. */
async function restsOfSaves(remember: 0 | undefined): Promise<readonly number[]> {
  const saver = new MemorySaver();
  const checkpointer = new Checkpointer({ saver, ...(remember === 0 && { remember }) });
  const list: string[] = [];
  const rests: number[] = [];
  for (let i = 0; i < 80; i++) {
    list.push(`${i}`.padEnd(1_000, 'x'));
    await checkpointer.save({ threadId, values: { list } });
    const stored = await saver.get({ threadId, namespace: [] });
    rests.push(stored?.records.at(-1)?.restsOn.length ?? -1);
  }
  return rests;
}

it('saves that read the head store the same records as saves that remember it', async () => {
  const rests = await restsOfSaves(undefined);
  expect(await restsOfSaves(0)).toEqual(rests);
  expect(Math.max(...rests)).toBeGreaterThan(17);
});
