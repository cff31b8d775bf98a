/** Players are processes: what became of one is told, and none is left. */
import { expect, it } from 'vitest';
import { measureOverhead } from '../src/supersteps/overhead.js';

it('a player that ends before its turn does is told of as that', async () => {
  // Not built here, the player's file is none that Node could run.
  const measured = measureOverhead({ ours: { kind: 'none' }, theirs: { kind: 'none' } }, { length: 1 });
  const cause = new Error('A process that was to run supersteps has ended.');
  await expect(measured).rejects.toMatchObject({ cause });
});
