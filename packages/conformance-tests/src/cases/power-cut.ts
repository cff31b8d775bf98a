/** The power cut in the middle of its calls (laws 1 and 10): what a store acknowledged is on the disk, and nothing is torn. */
import type { ConformanceCase } from '../case.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { batchLane, commitLane, threadLane } from '../fixtures/lanes.js';
import { cutPower, playPowerCuts, withRecordedStore } from '../power-cut/play-power-cuts.js';

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
    id: 'power-cut/threads',
    states: 'The same holds of pending writes, copied, pruned and deleted threads.',
    requires,
    run: (context) =>
      withRecordedStore(context, (store) => {
        const lanes = [threadLane(context, 'threads', 3), batchLane(context, 'batches', 8)];
        return playPowerCuts(context, store, lanes, 10 * context.times);
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
