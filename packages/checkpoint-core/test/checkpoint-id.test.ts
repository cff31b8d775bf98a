import { expect, test } from 'vitest';
import { newCheckpointId } from '../src/index.js';

test('an id is a UUIDv7 of the clock’s time, and no two are the same', () => {
  const at = Date.UTC(2026, 1, 3, 4, 5, 6, 789);
  const ids = Array.from({ length: 2_000 }, () => newCheckpointId({ now: () => at }));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at);
  }
});
