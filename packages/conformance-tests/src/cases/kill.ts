/** A process killed in the middle of its calls (laws 1 and 10): what it was acknowledged is there, and nothing is torn. */
import assert from 'node:assert/strict';
import type { Lease } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { batchLane, commitLane, threadLane } from '../fixtures/lanes.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { wait } from '../fixtures/time.js';
import { type Kill, playKilled } from '../processes/play-killed.js';

const requires = { permanence: 'disk' } as const;
const atRandom = (count: number): Kill[] => Array.from({ length: count }, () => ({}));

export const killCases: readonly ConformanceCase[] = [
  {
    id: 'kill/put',
    states:
      'A killed process leaves each stream as acknowledged, or with the one commit under way, whole; it can be sent again.',
    requires,
    async run(context) {
      for (let round = 0; round < context.times; round += 1) {
        const lanes = ['a', 'b', 'c'].map((name) => commitLane(context, name, 200));
        await playKilled(context, lanes, atRandom(4));
      }
    },
  },
  {
    id: 'kill/put-writes',
    states: 'A killed process leaves every batch of pending writes whole, with its status, or not at all.',
    requires,
    async run(context) {
      for (let round = 0; round < context.times; round += 1) {
        await playKilled(context, [batchLane(context, 'a', 150), batchLane(context, 'b', 150)], atRandom(4));
      }
    },
  },
  {
    id: 'kill/threads',
    states:
      'A killed process leaves a thread that it copied or deleted whole or gone, and a prune without a torn chain.',
    requires,
    async run(context) {
      for (let round = 0; round < context.times; round += 1) {
        await playKilled(context, [threadLane(context, 'a', 60), threadLane(context, 'b', 60)], atRandom(6));
      }
    },
  },
  {
    id: 'kill/at-crash-points',
    states: 'The same holds at each crash point that the saver names, and at random moments where it names none.',
    requires,
    async run(context) {
      const points = (context.harness.crashPoints ?? []).map((crashPoint): Kill => ({ crashPoint }));
      const kills = points.length > 0 ? points : atRandom(4);
      await playKilled(context, [threadLane(context, 'all', 8 * kills.length)], kills);
    },
  },
  {
    id: 'kill/first-use',
    states: 'A process killed while it makes an empty store leaves one that the next process can use.',
    requires,
    async run(context) {
      const { closeInstances, startProcess, random, first, next } = context;
      await closeInstances();
      const one = first();
      let longest = 12;
      let isOver = false;
      // Until one has got to its end, however slow the machine is: so kills fall all along the way.
      for (let kill = 0; kill < 4 * context.times || !isOver; kill += 1) {
        const other = await startProcess();
        let isKilled = false;
        const setup = other.call([{ method: 'setup', args: [] }]).then(
          () => true,
          () => !isKilled,
        );
        await wait(random.below(longest));
        isKilled = true;
        await other.kill();
        isOver ||= await setup;
        if (!isOver) longest *= 2;
      }
      const saver = await context.open();
      const two = next(one);
      for (const commit of [one, two]) await saver.put(commit);
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'kill/lease',
    states: "A killed process's lease holds until its time is over: its holder gets it again, another may replace it.",
    requires,
    async run(context) {
      const { closeInstances, startProcess, first, next } = context;
      await closeInstances();
      const one = first();
      const other = await startProcess();
      const { threadId } = one;
      const taken = await other.call([{ method: 'acquireLease', args: [threadId, { holder: 'dead', ttlMs: 60_000 }] }]);
      assert.ok(taken[0]?.ok, 'a process acquires a lease');
      const lease = taken[0].value as Lease;
      await other.kill();

      const saver = await context.open();
      await rejectsWith(() => saver.put(one), 'CAIRN_THREAD_BUSY');
      await rejectsWith(() => saver.acquireLease(threadId, { holder: 'b', ttlMs: 60_000 }), 'CAIRN_THREAD_BUSY');
      const again = await saver.acquireLease(threadId, { holder: 'dead', ttlMs: 60_000 });
      assert.equal(again.token, lease.token, 'its holder, started again, gets the same lease');
      const after = await saver.acquireLease(threadId, { holder: 'b', ttlMs: 60_000, replace: true });
      assert.ok(after.fence > lease.fence, 'the fence grows over the death of a process');
      const commits = [{ ...one, lease: after.token }, next(one, { lease: after.token })];
      for (const commit of commits) await saver.put(commit);
      await assertStream(saver, { commits });
    },
  },
];
