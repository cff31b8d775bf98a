import { expect, it } from 'vitest';
import { Slots } from '../src/desk/slots.js';

it('slots bound what runs at once, and are free again, no more and no less, after a failure', async () => {
  const slots = new Slots(3);
  let running = 0;
  let most = 0;
  const task = (index: number) => async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((soon) => setImmediate(soon));
    running -= 1;
    if (index % 4 === 0) throw new Error('failed');
    return index;
  };
  // The second wave meets the slots as the first one left them.
  for (let wave = 0; wave < 2; wave += 1) {
    most = 0;
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => slots.use(task(index))));
    expect(most).toBe(3);
    expect(results.filter((result) => result.status === 'rejected')).toHaveLength(5);
  }
});
