/** A runner whose lease was taken over: whatever it still writes must be refused. */
import { Checkpointer, hasCode, type WriteRequest } from '@cairn/checkpoint-core';
import type { TellingSaver } from '../life/telling-saver.js';

/** @returns what was wrongly accepted. */
export async function leaseLoop(saver: TellingSaver, threadId: string): Promise<readonly string[]> {
  const checkpointer = new Checkpointer({ saver });
  const old = await saver.acquireLease(threadId, { holder: 'old', ttlMs: 60_000 });
  await checkpointer.save({ threadId, values: { by: 'old' }, lease: old.token });
  const heir = await saver.acquireLease(threadId, { holder: 'heir', ttlMs: 60_000, replace: true });
  const base = await checkpointer.read({ threadId, namespace: [] });
  if (base === undefined) throw new Error(`Thread ${threadId} was saved and is not there.`);
  const late: WriteRequest = { base, taskId: 'late', writes: [{ key: 'update/0', value: 1 }], lease: old.token };
  const wrong = [
    heir.fence > old.fence ? undefined : `The fence of thread ${threadId} did not grow.`,
    await refused('a late pending write', () => checkpointer.record(late)),
    await refused('a late save', () => checkpointer.save({ threadId, values: { by: 'late' }, lease: old.token })),
  ];
  await checkpointer.save({ threadId, values: { by: 'heir' }, lease: heir.token });
  await saver.releaseLease(heir);
  return wrong.filter((one) => one !== undefined);
}

async function refused(what: string, write: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await write();
    return `The store took ${what} of a runner that had lost its lease.`;
  } catch (error) {
    if (hasCode(error, 'CAIRN_LEASE_LOST')) return undefined;
    throw error;
  }
}
