/** `deleteThread`: nothing of the thread remains, in any namespace, and its id is as good as new. */

import { type CheckpointCommit, isMaintainable } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { assertNoStream, assertStream } from '../fixtures/expected-stream.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { collect, listedThreads, summaryOf } from '../fixtures/reads.js';

export const deleteThreadCases: readonly ConformanceCase[] = [
  {
    id: 'method/delete-thread-whole',
    states: 'Nothing of a deleted thread remains: no head, no header, no listing, no row, in any namespace.',
    async run({ saver, threadId, grow, batch }) {
      const id = threadId();
      const namespaces = [[], ['child'], ['child', 'call']];
      for (const namespace of namespaces) {
        const commits = await grow(3, { threadId: id, namespace, tokens: ['t'] });
        await saver.putWrites(batch(commits[2] as CheckpointCommit));
      }
      await saver.deleteThread(id);
      for (const namespace of namespaces) await assertNoStream(saver, { threadId: id, namespace });
      assertSame(await listedThreads(saver), []);
      assertSame(await listedThreads(saver, { tokens: ['t'] }), []);
      if (isMaintainable(saver)) assertSame(await collect(saver.scan()), []);
    },
  },
  {
    id: 'method/delete-thread-unknown',
    states: 'Deleting a thread that does not exist is a no-op, on an empty store too, and twice as well.',
    async run({ saver, grow }) {
      await saver.deleteThread('unknown');
      const commits = await grow(2);
      await saver.deleteThread('unknown');
      await assertStream(saver, { commits });
      const { threadId } = commits[0] as CheckpointCommit;
      for (let times = 0; times < 3; times += 1) await saver.deleteThread(threadId);
      await assertNoStream(saver, { threadId, namespace: [] });
    },
  },
  {
    id: 'method/delete-thread-then-begin-anew',
    states:
      'A deleted id begins anew at seq 1, with other or the same checkpoint ids, another origin, and no old write.',
    async run({ saver, threadId, grow, first, next, batch }) {
      const id = threadId();
      const [one, two] = (await grow(2, { threadId: id })) as [CheckpointCommit, CheckpointCommit];
      await saver.putWrites(batch(two));
      await saver.deleteThread(id);
      await rejectsWith(() => saver.put(next(two)), 'CAIRN_CHECKPOINT_CONFLICT');
      await rejectsWith(() => saver.putWrites(batch(two)), 'CAIRN_CHECKPOINT_NOT_FOUND');
      const anew = first({
        threadId: id,
        checkpointId: one.checkpointId,
        origin: 'another',
        createdAt: 5_000,
        status: 'failed',
      });
      const after = next(anew, { checkpointId: two.checkpointId, createdAt: 6_000, status: 'failed' });
      for (const commit of [anew, after]) await saver.put(commit);
      await assertStream(saver, { commits: [anew, after] });
      const summary = await summaryOf(saver, id);
      assertSame([summary?.createdAt, summary?.updatedAt, summary?.status], [5_000, 6_000, 'failed']);
    },
  },
  {
    id: 'method/delete-thread-keeps-others',
    states: 'Deleting one thread leaves every other as it is, those copied from it and to it included.',
    async run({ saver, threadId, grow }) {
      const [id, copy] = [threadId(), threadId()];
      const commits = await grow(3, { threadId: id });
      const other = await grow(2);
      await saver.copyThread(id, copy);
      await saver.deleteThread(id);
      await assertStream(saver, { commits: commits.map((commit) => ({ ...commit, threadId: copy })) });
      await assertStream(saver, { commits: other });
    },
  },
];
