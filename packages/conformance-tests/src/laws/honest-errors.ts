/** Errors that help (law 10): each is Cairn's own kind, says whether to retry, and names the thread and the way on. */
import assert from 'node:assert/strict';
import type { CheckpointCommit, ErrorCode } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import type { CaseContext } from '../context.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { outcomesOf, rejectsWith } from '../fixtures/outcomes.js';

export const honestErrorCases: readonly ConformanceCase[] = [
  {
    id: 'law-10/errors-name-their-thread',
    states: 'Every refusal carries its code, its literal name, retryable, the thread id, and a message that names it.',
    async run(context) {
      for (const [code, name, isRetryable, call] of await refusals(context)) {
        const error = await rejectsWith(call, code);
        assert.ok(error instanceof Error);
        assert.equal(error.name, name);
        assert.equal(error.retryable, isRetryable, name);
        assert.ok(error.threadId !== undefined && error.message.includes(error.threadId), `${name} names the thread`);
        assert.ok(error.message.length > error.threadId.length + 20, `${name} says more than the thread`);
      }
    },
  },
  {
    id: 'law-10/put-errors-leave-saver-usable',
    states: 'A hundred refused calls, many at once, leave the saver as good as new.',
    async run(context) {
      const { saver, grow, next } = context;
      const commits = await grow(2);
      const [one, two] = commits as [CheckpointCommit, CheckpointCommit];
      const { lost } = await outcomesOf(Array.from({ length: 100 }, () => saver.put(next(one))));
      assert.equal(lost.length, 100);
      const three = next(two);
      await saver.put(three);
      await assertStream(saver, { commits: [one, two, three] });
    },
  },
];

async function refusals(context: CaseContext): Promise<[ErrorCode, string, boolean, () => unknown][]> {
  const { saver, grow, next, fork, batch } = context;
  const [one, two] = (await grow(2)) as [CheckpointCommit, CheckpointCommit];
  const [busy] = (await grow(1)) as [CheckpointCommit];
  await saver.acquireLease(busy.threadId, { holder: 'a', ttlMs: 60_000 });
  const missing = fork({ ...one, checkpointId: 'unknown' }, two);
  return [
    ['CAIRN_CHECKPOINT_CONFLICT', 'CheckpointConflictError', false, () => saver.put(next(one))],
    ['CAIRN_CHECKPOINT_CONFLICT', 'CheckpointConflictError', false, () => saver.putWrites(batch(one))],
    ['CAIRN_CHECKPOINT_NOT_FOUND', 'CheckpointNotFoundError', false, () => saver.put(missing)],
    ['CAIRN_LEASE_LOST', 'LeaseLostError', false, () => saver.put(next(two, { lease: 'unknown' }))],
    ['CAIRN_THREAD_BUSY', 'ThreadBusyError', true, () => saver.put(next(busy))],
    ['CAIRN_THREAD_BUSY', 'ThreadBusyError', true, () => saver.deleteThread(busy.threadId)],
    ['CAIRN_THREAD_EXISTS', 'ThreadExistsError', false, () => saver.copyThread(one.threadId, busy.threadId)],
    ['CAIRN_THREAD_NOT_FOUND', 'ThreadNotFoundError', false, () => saver.copyThread('unknown', 'copy')],
  ];
}
