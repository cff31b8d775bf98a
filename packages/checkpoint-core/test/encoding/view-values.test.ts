import { describe, expect, it } from 'vitest';
import { swapElements } from '../../src/encoding/view-values.js';

describe('swapElements', () => {
  it('reverses the bytes of each element, in a copy', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect([...swapElements(bytes, 2)]).toEqual([2, 1, 4, 3, 6, 5, 8, 7]);
    expect([...swapElements(bytes, 4)]).toEqual([4, 3, 2, 1, 8, 7, 6, 5]);
    expect([...swapElements(bytes, 8)]).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect([...bytes]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
