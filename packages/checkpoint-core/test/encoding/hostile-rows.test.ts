import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { Checkpointer } from '../../src/checkpointer/checkpointer.js';
import { drawFrom, mutatedInput, roomTaken } from '../fixtures/fuzz.js';
import { mostRoom, RowFuzz } from '../fixtures/fuzz-rows.js';

it('hostile rows, sealed and compressed as they may be, give a state or a typed error, in little room', async () => {
  const seed = randomInt(2 ** 31);
  const draw = drawFrom(seed);
  const rows = await RowFuzz.on(Checkpointer, { mutatedInput, roomTaken });
  const outcomes = { states: 0, refused: 0 };
  for (let run = 0; run < 2_000; run += 1) {
    const { stored, bytes } = rows.next(draw);
    const { isValue, room } = await rows.load(stored).catch((cause: unknown) => {
      throw new Error(`seed ${seed}, run ${run}: ${String(cause)}`, { cause });
    });
    outcomes[isValue ? 'states' : 'refused'] += 1;
    expect(room, `seed ${seed}, run ${run}: room for ${bytes.length} bytes`).toBeLessThan(mostRoom(bytes.length));
  }
  // The inputs reach both ends: most are damage, and some are another value.
  expect(outcomes.states).toBeGreaterThan(20);
  expect(outcomes.refused).toBeGreaterThan(1_000);
}, 60_000);
