/** What became of a change that was asked for when the worker died: all of it is there, none of it, or it is torn. */
import { namespaceKey } from '@cairn/checkpoint-core';
import type { Change, Outcome } from '../life/lines.js';
import { checkpointKey, type Model, writeKey } from './model.js';
import { isAbsent, type StoredThread } from './stored-thread.js';

/**
 * The ids that are gone for a prune that came to some of its checkpoints only: it takes several transactions, in order.
 * Undefined for what leaves nothing to see: a lease, a replacement by the same bytes.
 */
export type Settled = Outcome | 'torn' | undefined;

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
      const keyOf = (id: string) => checkpointKey(namespaceKey([]), id);
      const ids = change.drop.filter((id) => known?.has(keyOf(id)));
      const gone = ids.filter((id) => !thread.checkpoints.has(keyOf(id)));
      if (gone.length === 0 || gone.length === ids.length) return gone.length === ids.length;
      return gone.every((id, i) => id === ids[i]) ? gone : 'torn';
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
