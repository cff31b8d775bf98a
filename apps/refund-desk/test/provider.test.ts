import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerProvider } from '../src/provider/ledger-provider.js';
import { readLedger } from '../src/provider/read-ledger.js';

let folder: string;
let path: string;
let provider: LedgerProvider;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  path = join(folder, 'ledger.db');
  provider = new LedgerProvider(path);
});
afterEach(() => {
  provider.close();
  rmSync(folder, { recursive: true });
});

const REFUND = { orderId: 'SH-1', amountCents: 500 };

describe('the payment provider', () => {
  it('answers a known key with the refund made then, and counts the call', async () => {
    const first = await provider.refund({ ...REFUND, idempotencyKey: 'k' });
    const again = await provider.refund({ ...REFUND, idempotencyKey: 'k' });
    expect(first.repeated).toBe(false);
    expect(again).toEqual({ refundId: first.refundId, repeated: true });
    expect(readLedger(path)).toMatchObject({
      calls: 2,
      repeats: 1,
      duplicates: [],
      refunds: [{ ...REFUND, refundId: first.refundId }],
      integrity: 'ok',
    });
  });

  it('is unique on nothing else: another key, or none, pays again', async () => {
    await provider.refund({ ...REFUND, idempotencyKey: 'k' });
    await provider.refund({ ...REFUND, idempotencyKey: 'l' });
    await provider.refund(REFUND);
    await provider.refund(REFUND);
    const ledger = readLedger(path);
    expect(ledger).toMatchObject({ calls: 4, repeats: 0 });
    expect(ledger.refunds).toHaveLength(4);
    expect(ledger.duplicates).toHaveLength(3);
  });

  it('refuses a known key for another amount or order', async () => {
    await provider.refund({ ...REFUND, idempotencyKey: 'k' });
    await expect(provider.refund({ ...REFUND, amountCents: 600, idempotencyKey: 'k' })).rejects.toThrow(
      /stands for a refund of 500 on SH-1/,
    );
    await expect(provider.refund({ ...REFUND, orderId: 'SH-2', idempotencyKey: 'k' })).rejects.toThrow(
      /not of 500 on SH-2/,
    );
    expect(readLedger(path).calls).toBe(1);
  });

  it('lists the refunds of one order', async () => {
    const { refundId } = await provider.refund({ ...REFUND, idempotencyKey: 'k' });
    await provider.refund({ orderId: 'SH-2', amountCents: 1, idempotencyKey: 'l' });
    expect(await provider.refundsOf('SH-1')).toEqual([{ ...REFUND, refundId }]);
    expect(await provider.refundsOf('SH-3')).toEqual([]);
  });

  it('keeps what it answered when its process is killed the moment after', async () => {
    const child = fork(new URL('./fixtures/refund-and-die.mjs', import.meta.url), [path], { execArgv: [] });
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    const again = await provider.refund({ ...REFUND, idempotencyKey: 'from-the-child' });
    expect(again.repeated).toBe(true);
    expect(readLedger(path)).toMatchObject({ calls: 2, repeats: 1, integrity: 'ok' });
  });
});
