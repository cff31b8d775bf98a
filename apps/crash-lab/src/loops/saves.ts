/** A loop of one's own on the Checkpointer: saves, commits with recorded writes, a fork. */
import { Checkpointer, type CheckpointSaver, type CommitRequest } from '@cairn/checkpoint-core';

export async function saveLoop(saver: CheckpointSaver, threadId: string): Promise<void> {
  const checkpointer = new Checkpointer({ saver });
  const list: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    list.push(`round ${round}`.repeat(1 + round * 40));
    await checkpointer.save({ threadId, values: { round, list, same: 'same' }, metadata: { round } });
  }
  const first = await checkpointer.read({ threadId, namespace: [] });
  if (first === undefined) throw new Error(`Thread ${threadId} was saved and is not there.`);
  await checkpointer.record({ base: first, taskId: 't1', writes: writes('t1') });
  await checkpointer.record({ base: first, taskId: 't2', writes: writes('t2'), status: 'interrupted' });
  const next = await checkpointer.commit({ ...follow(threadId), base: first, changes: { round: 4 }, consumes: ['t1'] });
  await checkpointer.record({ base: next, taskId: 't3', writes: writes('t3') });
  await checkpointer.commit({ ...follow(threadId), base: { ...first, head: next }, fork: true, changes: { round: 5 } });
}

function follow(threadId: string): Pick<CommitRequest, 'threadId' | 'body' | 'status'> {
  const body = { source: 'save', metadata: {}, tasks: [], trail: [], pins: [] } as const;
  return { threadId, body, status: 'running' };
}

/** Two keys in one batch: a part of it would be a torn one. */
function writes(task: string) {
  return [
    { key: 'update/0', value: { task } },
    { key: 'step/look', value: task.repeat(200) },
  ];
}
