import { expect, it } from 'vitest';
import { checkLeaseRequest, checkLeaseTtl } from '../src/lease.js';

it.each([
  ['an empty thread id', '', { holder: 'h', ttlMs: 1 }, 'CAIRN_INVALID_ADDRESS'],
  ['an empty holder', 't', { holder: '', ttlMs: 1 }, 'CAIRN_INVALID_ADDRESS'],
  ['a holder with a lone surrogate', 't', { holder: '\ud800', ttlMs: 1 }, 'CAIRN_INVALID_ADDRESS'],
  ['no time', 't', { holder: 'h', ttlMs: 0 }, 'CAIRN_INVALID_ARGUMENT'],
  ['a negative time', 't', { holder: 'h', ttlMs: -5 }, 'CAIRN_INVALID_ARGUMENT'],
  ['NaN as time', 't', { holder: 'h', ttlMs: Number.NaN }, 'CAIRN_INVALID_ARGUMENT'],
  ['endless time', 't', { holder: 'h', ttlMs: Number.POSITIVE_INFINITY }, 'CAIRN_INVALID_ARGUMENT'],
])('a lease request with %s is refused', (_what, threadId, request, code) => {
  expect(() => checkLeaseRequest(threadId, request)).toThrow(expect.objectContaining({ code }));
});

it('a lease may last a fraction of a millisecond, or for ages', () => {
  expect(() => checkLeaseTtl(0.5)).not.toThrow();
  expect(() => checkLeaseTtl(Number.MAX_SAFE_INTEGER)).not.toThrow();
});
