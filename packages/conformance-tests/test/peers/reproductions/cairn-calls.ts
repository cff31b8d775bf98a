/** Short ways to call Cairn in a reproduction: below the line with opaque commits, above it with values. */
import { Checkpointer, type CheckpointSaver, type Metadata } from '@cairn/checkpoint-core';
import { type Builders, builders } from '../../../src/fixtures/commits.js';
import { seededRandom } from '../../../src/fixtures/random.js';
import { testClock } from '../../../src/fixtures/test-clock.js';

/** Builders of commits and batches as core would make them. */
export function commitBuilders(): Builders {
  return builders(seededRandom(1, 'reproduction'), testClock());
}

/** Saves a value as the only channel of a thread, and loads it with another checkpointer. */
export async function savedAndLoaded(saver: CheckpointSaver, value: unknown): Promise<unknown> {
  await new Checkpointer({ saver }).save({ threadId: 'a', values: { value } });
  return (await new Checkpointer({ saver }).load({ threadId: 'a' }))?.values['value'];
}

/** Saves one checkpoint with each metadata, then says which of them, counted from 1, the filter finds. */
export async function found(saver: CheckpointSaver, all: readonly Metadata[], filter: Metadata): Promise<number[]> {
  const checkpointer = new Checkpointer({ saver });
  for (const [index, metadata] of all.entries()) {
    await checkpointer.save({ threadId: 'a', values: { step: index + 1 }, metadata });
  }
  const seqs: number[] = [];
  for await (const { seq } of checkpointer.history({ threadId: 'a', filter })) seqs.push(seq);
  return seqs.sort((a, b) => a - b);
}
