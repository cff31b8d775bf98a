// `show`: one thread's history, checkpoint by checkpoint: what ran, what was asked and answered, and what changed.
import type { CheckpointSnapshot, TaskTrail } from '@cairn/checkpoint-core';
import colours from 'picocolors';
import { DeskError } from '../desk-error.js';
import { changesBetween } from './changes.js';
import { type KeptDesk, withKeptDesk } from './kept-desk.js';

export async function showThread(folder: string, threadId: string): Promise<void> {
  await withKeptDesk(folder, async ({ checkpointer, graph }) => {
    const valuesOf = new Map<string, CheckpointSnapshot['values']>();
    for await (const info of checkpointer.infos({ threadId, order: 'asc' })) {
      const snapshot = await checkpointer.read({ threadId, namespace: [], checkpointId: info.checkpointId });
      if (snapshot === undefined) continue;
      valuesOf.set(snapshot.checkpointId, snapshot.values);
      for (const line of checkpointLines(snapshot, valuesOf.get(snapshot.parentId ?? '') ?? {})) console.log(line);
    }
    if (valuesOf.size === 0)
      throw new DeskError(`There is no thread "${threadId}" here. "list --all" shows the threads there are.`);
    console.log(await standingLine(graph, threadId));
  });
}

function checkpointLines(snapshot: CheckpointSnapshot, before: CheckpointSnapshot['values']): string[] {
  const { seq, body, createdAt } = snapshot;
  const what = body.trail.length === 0 ? body.source : body.trail.map((task) => task.node).join(', ');
  return [
    `${colours.bold(`${seq}  ${what}`)}  ${colours.dim(new Date(createdAt).toISOString())}`,
    ...body.trail.flatMap(trailLines),
    ...changesBetween(before, snapshot.values).map((line) => `     ${line}`),
  ];
}

function trailLines({ startedAt, endedAt, attempts, steps, interrupts }: TaskTrail): string[] {
  // Each question makes the node run once more: that is no retry.
  const tries = attempts - interrupts.length;
  const told = [
    `took ${endedAt - startedAt} ms${interrupts.length > 0 ? ' with the wait' : ''}`,
    ...(tries > 1 ? [`${tries} attempts`] : []),
    ...(steps.length > 0 ? [`recorded ${steps.join(', ')}`] : []),
    ...interrupts.map(({ name, answer }) => `asked for ${name}, answered ${JSON.stringify(answer)}`),
  ];
  return [`     ${colours.dim(told.join('; '))}`];
}

async function standingLine(graph: KeptDesk['graph'], threadId: string): Promise<string> {
  const { next, interrupts } = await graph.getState({ threadId });
  if (interrupts.length > 0)
    return `Waits for an answer to: ${interrupts.map((open) => open.name).join(', ')}. Give it with "approve ${threadId}" (or --no).`;
  return next.length === 0 ? 'Completed.' : `Next: ${next.join(', ')}.`;
}
