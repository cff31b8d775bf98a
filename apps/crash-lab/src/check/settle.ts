/** What became of a change that was asked for when the worker died: all of it is there, none of it, or it is torn. */
import { namespaceKey } from '@cairn/checkpoint-core';
import type { Change } from '../life/lines.js';
import { checkpointKey, type Model, writeKey } from './model.js';
import { isAbsent, type StoredThread } from './stored-thread.js';

/** Undefined for what leaves nothing to see: a lease, a replacement by the same bytes. */
export type Settled = boolean | 'torn' | undefined;

export function settle(change: Change, model: Model, stored: (threadId: string) => StoredThread): Settled {
  const thread = stored(change.threadId);
  switch (change.method) {
    case 'put':
      return thread.checkpoints.has(checkpointKey(namespaceKey(change.namespace), change.checkpointId));
    case 'put-writes': {
      const { namespace, checkpointId, taskId, writes } = change;
      // A batch that only sets the status leaves no row.
      if (writes.length === 0) return undefined;
      const keys = writes.map(([key]) => writeKey(namespaceKey(namespace), checkpointId, taskId, key));
      return allOrNone(keys.map((key) => thread.writes.has(key)));
    }
    case 'prune': {
      const known = model.get(change.threadId)?.checkpoints;
      const keys = change.drop.map((id) => checkpointKey(namespaceKey([]), id)).filter((key) => known?.has(key));
      return allOrNone(keys.map((key) => !thread.checkpoints.has(key)));
    }
    case 'delete':
      return isAbsent(thread);
    case 'copy':
      return !isAbsent(stored(change.to));
    case 'restore':
      return !isAbsent(thread);
    case 'replace':
    case 'lease':
      return undefined;
  }
}

function allOrNone(present: readonly boolean[]): Settled {
  if (present.every(Boolean)) return true;
  return present.some(Boolean) ? 'torn' : false;
}
