/** What a superstep that is given up had come to: its finished tasks are stored, so that they do not run again. */
import { writeKey } from '../task/write-keys.js';
import type { RunEnd } from './loop.js';
import type { RunWrite } from './run-storage.js';

/**
 * Stores what tasks had finished, beside others that did not or before a route that took too long, and was not stored then: in
 * a graph, and in the sub-graphs that its other tasks have called.
 */
export async function storeLeft({ base, tasks }: RunEnd, record: (write: RunWrite) => Promise<void>): Promise<void> {
  for (const task of tasks) {
    const { finished } = task;
    if (finished === undefined) for (const child of task.children.values()) await storeLeft(child, record);
    else if (!task.updateStored) {
      const write = { key: writeKey('update', 0), value: finished };
      await record({ base, taskId: task.plan.id, writes: [write] });
      task.take(write.key, write.value);
    }
  }
}
