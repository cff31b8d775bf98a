/** The power cut in the middle of its calls (laws 1 and 10): what a store acknowledged is on the disk, and nothing is torn. */
import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { batchLane, commitLane, threadLane } from '../fixtures/lanes.js';
import { storedCalls } from '../model/stored-calls.js';
import { cutPower, playPowerCuts, playRecorded, withRecordedStore } from '../power-cut/play-power-cuts.js';
import { doJob } from '../processes/do-job.js';

const requires = { permanence: 'disk', recordedStore: true } as const;

export const powerCutCases: readonly ConformanceCase[] = [
  {
    id: 'power-cut/put',
    states:
      'After a power cut at any moment each stream is as acknowledged, or with the one commit under way, whole, whichever unsynced writes the disk kept.',
    requires,
    run: (context) =>
      withRecordedStore(context, (store) => {
        const lanes = ['a', 'b'].map((name) => commitLane(context, name, 14));
        return playPowerCuts(context, store, lanes, 20 * context.times);
      }),
  },
  {
    id: 'power-cut/put-writes',
    states: 'After a power cut every acknowledged batch of pending writes is there, and none is there in part.',
    requires,
    run: (context) =>
      withRecordedStore(context, (store) =>
        playPowerCuts(context, store, [batchLane(context, 'a', 8)], 10 * context.times),
      ),
  },
  {
    id: 'power-cut/threads',
    states:
      'After a power cut a thread that was copied or deleted is whole or gone, and a pruned one has no torn chain.',
    requires,
    run: (context) =>
      withRecordedStore(context, (store) =>
        playPowerCuts(context, store, [threadLane(context, 'a', 3)], 10 * context.times),
      ),
  },
  {
    id: 'power-cut/goes-on',
    states: 'After a power cut the call under way can be sent again, and those after it follow.',
    requires,
    run: (context) =>
      withRecordedStore(context, async (store) => {
        const lane = commitLane(context, 'a', 8);
        const { acknowledged, moments } = await playRecorded(store, [lane]);
        const before = moments.map((moment) => moment - 1);
        await cutPower(context, store, before, async (saver, moment) => {
          const rest = lane.calls.slice(acknowledged(lane.name, moment));
          const [outcome] = await doJob(saver, { kind: 'play', lanes: [{ ...lane, calls: rest }] }, () => undefined);
          assert.deepEqual(outcome, { ok: true, value: undefined });
          await storedCalls(saver, lane, lane.calls.length);
        });
      }),
  },
  {
    id: 'power-cut/first-use',
    states: 'A power cut while an empty store is made leaves one that can be used.',
    requires,
    run: (context) =>
      withRecordedStore(context, async (store) => {
        await store.saver.setup();
        const moments = Array.from({ length: store.operations.length / 2 }, (_, index) => 2 * index + 1);
        await cutPower(context, store, moments, async (saver) => {
          const one = context.first();
          const commits = [one, context.next(one)];
          for (const commit of commits) await saver.put(commit);
          await assertStream(saver, { commits });
        });
      }),
  },
];
