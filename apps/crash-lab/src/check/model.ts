/** What a store must hold after the changes that were acknowledged: plain maps, built from the worker's lines. */
import { namespaceKey } from '@cairn/checkpoint-core';
import type { Change, Line, Outcome } from '../life/lines.js';

export interface ModelCheckpoint {
  readonly stream: string;
  readonly checkpointId: string;
  readonly seq: number;
  readonly print: string;
  readonly records: readonly string[];
}

export interface ModelThread {
  /** By stream and id. */
  readonly checkpoints: Map<string, ModelCheckpoint>;
  /** The print of each pending write, by checkpoint, task and key. */
  readonly writes: Map<string, string>;
}

export type Model = Map<string, ModelThread>;

export function checkpointKey(stream: string, checkpointId: string): string {
  return JSON.stringify([stream, checkpointId]);
}

export function writeKey(stream: string, checkpointId: string, taskId: string, key: string): string {
  return JSON.stringify([stream, checkpointId, taskId, key]);
}

/** Changes whose outcome is not known: asked for, and neither acknowledged, refused nor looked up since. */
export type PendingChanges = Map<number, Change>;

export function replay(lines: readonly Line[]): { readonly model: Model; readonly pending: PendingChanges } {
  const model: Model = new Map();
  const pending: PendingChanges = new Map();
  const settle = (n: number, outcome: Outcome) => {
    const change = pending.get(n);
    if (change !== undefined) applyOutcome(model, change, outcome);
    pending.delete(n);
  };
  for (const line of lines) {
    if (line.say === 'try') pending.set(line.n, line.change);
    else if (line.say === 'done') settle(line.n, true);
    else if (line.say === 'refused') settle(line.n, false);
    else if (line.say === 'found') for (const [n, stored] of line.settled) settle(n, stored);
  }
  return { model, pending };
}

export function applyOutcome(model: Model, change: Change, outcome: Outcome): void {
  if (outcome === true) apply(model, change);
  else if (outcome !== false && change.method === 'prune') apply(model, { ...change, drop: outcome });
}

function apply(model: Model, change: Change): void {
  switch (change.method) {
    case 'put':
      return applyPut(threadOf(model, change.threadId), change);
    case 'put-writes': {
      const stream = namespaceKey(change.namespace);
      const { writes } = threadOf(model, change.threadId);
      for (const [key, print] of change.writes) {
        writes.set(writeKey(stream, change.checkpointId, change.taskId, key), print);
      }
      return;
    }
    case 'prune': {
      const thread = threadOf(model, change.threadId);
      for (const id of change.drop) {
        thread.checkpoints.delete(checkpointKey(namespaceKey([]), id));
        removeWrites(thread, namespaceKey([]), id, 'all');
      }
      return;
    }
    case 'delete':
      model.delete(change.threadId);
      return;
    case 'copy':
      return copy(model, change.threadId, change.to);
    case 'restore':
      return copy(model, change.from, change.threadId);
    case 'replace':
    case 'lease':
      return;
  }
}

function applyPut(thread: ModelThread, change: Extract<Change, { method: 'put' }>): void {
  const { checkpointId, seq, parentId, consumes, fork, print, records } = change;
  const stream = namespaceKey(change.namespace);
  thread.checkpoints.set(checkpointKey(stream, checkpointId), { stream, checkpointId, seq, print, records });
  if (parentId !== undefined && !fork) removeWrites(thread, stream, parentId, consumes);
}

function removeWrites(
  { writes }: ModelThread,
  stream: string,
  checkpointId: string,
  tasks: 'all' | readonly string[],
): void {
  for (const key of writes.keys()) {
    const [itsStream, itsCheckpoint, itsTask = ''] = JSON.parse(key) as string[];
    const isOfIt = itsStream === stream && itsCheckpoint === checkpointId;
    if (isOfIt && (tasks === 'all' || tasks.includes(itsTask))) writes.delete(key);
  }
}

function copy(model: Model, from: string, to: string): void {
  const { checkpoints, writes } = threadOf(model, from);
  model.set(to, { checkpoints: new Map(checkpoints), writes: new Map(writes) });
}

function threadOf(model: Model, threadId: string): ModelThread {
  let thread = model.get(threadId);
  if (thread === undefined) {
    thread = { checkpoints: new Map(), writes: new Map() };
    model.set(threadId, thread);
  }
  return thread;
}
