import { createCairnSerializer } from '@cairn/checkpoint-core';
import { expect, it } from 'vitest';

it('every NaN has the same bytes, whatever bits the engine holds it in', () => {
  const serializer = createCairnSerializer();
  const bits = [0x7ff8000000000000n, 0xfff8000000000000n, 0x7ff0000000000001n, 0xffffffffffffffffn];
  const nans = bits.map((each) => new Float64Array(BigUint64Array.of(each).buffer)[0]);
  const encodings = new Set(nans.map((nan) => Buffer.from(serializer.encode([nan])).toString('hex')));
  expect(encodings.size).toBe(1);
  expect(serializer.decode(serializer.encode([Number.NaN]))).toEqual([Number.NaN]);
});
