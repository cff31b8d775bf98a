/** Changing the state of a sub-graph's call that is under way: a checkpoint of the sub-graph's stream, after the one it stands at. */
import {
  type CheckpointSnapshot,
  InvalidArgumentError,
  type Namespace,
  namespaceKey,
  quoteId,
} from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { childStorage } from '../run/child-storage.js';
import { checkTasks } from '../run/head.js';
import type { RunProgress } from '../run/loop.js';
import { readProgress } from '../run/read-progress.js';
import type { RunScope } from '../run/run-scope.js';
import type { CalledChild, TaskRecord } from '../task/task-record.js';
import { writeKey } from '../task/write-keys.js';
import { commitMigrations } from '../versions/commit-migration.js';
import { type AdmittedUpdate, commitUpdates } from './commit-updates.js';

/** A call that is under way, and whose it is. */
interface Place {
  /** What the calling task follows. */
  readonly parent: CheckpointSnapshot;
  readonly task: TaskRecord;
  readonly child: CalledChild;
  /** The thread's own task that it is called under. */
  readonly root: TaskRecord;
}

/**
 * @param head - the thread's.
 * @param own - the sub-graph.
 * @throws InvalidArgumentError where no task that is to run is calling it.
 */
export async function commitInChild(
  scope: RunScope,
  head: CheckpointSnapshot,
  own: RunnableGraph,
  namespace: Namespace,
  updates: readonly AdmittedUpdate[],
): Promise<CheckpointSnapshot> {
  const { threadId, storage } = scope;
  checkTasks(scope.graph, head);
  const progress = await commitMigrations(scope, await readProgress(scope, head), 'interrupted');
  const place = placeOf(progress, namespaceKey(namespace));
  if (place === undefined) throw notUnderWay(threadId, namespace);
  const { parent, task, child, root } = place;
  // Noted first, and with the thread's status in both: a crash between them leaves a thread that waits, as it should.
  const waits = { key: writeKey('cancelled', root.cancellations), value: root.cancellations };
  const writes = root.cancellations > root.continued ? [] : [waits];
  const status = 'interrupted';
  await storage.record({ base: progress.base, taskId: root.plan.id, writes, status });
  const childs = childStorage(storage, namespace, head.origin);
  const childScope: RunScope = {
    ...scope,
    graph: own,
    storage: { ...childs, commit: (request) => storage.commit({ namespace, origin: head.origin, ...request, status }) },
    metadata: child.base.body.metadata,
    pauses: own.pauses,
    owner: { checkpointId: parent.checkpointId, taskId: task.plan.id, key: child.key },
  };
  return commitUpdates(childScope, child.base, updates);
}

function placeOf({ base, tasks }: RunProgress, stream: string, root?: TaskRecord): Place | undefined {
  for (const task of tasks) {
    if (task.finished) continue;
    const under = root ?? task;
    for (const child of task.children.values()) {
      if (child.tasks.length > 0 && namespaceKey(child.namespace) === stream)
        return { parent: base, task, child, root: under };
      const deeper = placeOf(child, stream, under);
      if (deeper) return deeper;
    }
  }
  return undefined;
}

function notUnderWay(threadId: string, namespace: Namespace): InvalidArgumentError {
  const where = namespace.map(quoteId).join(', ');
  return new InvalidArgumentError(
    `No call of a sub-graph is under way at [${where}] of thread ${quoteId(threadId)}: it is not there, or came to its end. getState({ threadId, subgraphs: true }) shows those that are (open).`,
    { threadId, namespace },
  );
}
