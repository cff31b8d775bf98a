/** What a superstep that is given up had come to, so that what had finished does not run again, and questions stay open. */
import { writeKey } from '../task/write-keys.js';
import type { RunEnd } from './loop.js';
import type { RunWrite } from './run-storage.js';

/**
 * Stores what tasks had finished, beside others that did not or before a route that took too long, and was not stored then; and
 * of the others which sub-graphs they had called, as of `ctx.call` only the node knows. In a graph, and in those sub-graphs.
 */
export async function storeLeft({ base, tasks }: RunEnd, record: (write: RunWrite) => Promise<void>): Promise<void> {
  for (const task of tasks) {
    const { finished, plan } = task;
    if (finished === undefined) for (const child of task.children.values()) await storeLeft(child, record);
    const update = finished && !task.updateStored ? [{ key: writeKey('update', 0), value: finished }] : [];
    const writes = finished === undefined ? task.untoldCalls() : update;
    if (writes.length === 0) continue;
    await record({ base, taskId: plan.id, writes });
    for (const { key, value } of writes) task.take(key, value);
  }
}
