/**
 * What is known of one task of the current superstep: read from the checkpoint's pending writes, then kept up to date by
 * the run that owns the thread.
 */
import type { CheckpointSnapshot, TaskPlan, TaskTrail } from '@cairn/checkpoint-core';
import {
  type AskedInterrupt,
  type FinishedTask,
  type NodeRun,
  parseWriteKey,
  type StoredAnswer,
  type StoredFailure,
} from './write-keys.js';

/** `finished`: its update is known. `waiting`: for an answer. `failed`: and not taken up since. `ready`: to be run. */
export type TaskState = 'finished' | 'waiting' | 'failed' | 'ready';

export class TaskRecord {
  readonly plan: TaskPlan;
  /** The task's index in its superstep: its place in the fold order. */
  readonly path: number;
  finished: FinishedTask | undefined;
  /** True when the store has pending writes of this task, which the next commit consumes. */
  stored = false;
  /** True when the store has the task's update. */
  updateStored = false;
  readonly steps = new Map<string, unknown>();
  readonly interrupts = new Map<string, AskedInterrupt>();
  readonly answers = new Map<string, StoredAnswer>();
  /** Failed and suspended runs, in order. */
  readonly runs: NodeRun[] = [];
  suspensions = 0;
  failures = 0;
  /** How many of the failures a resume has taken up. */
  resumed = 0;

  constructor(plan: TaskPlan, path: number) {
    this.plan = plan;
    this.path = path;
  }

  get state(): TaskState {
    if (this.failures > this.resumed) return 'failed';
    if (this.finished) return 'finished';
    return this.openInterrupts().length > 0 ? 'waiting' : 'ready';
  }

  openInterrupts(): readonly AskedInterrupt[] {
    return [...this.interrupts.values()].filter(({ label }) => !this.answers.has(label));
  }

  /** Takes in one of the task's pending writes, read or just stored. */
  take(key: string, value: unknown): void {
    const { kind, label } = parseWriteKey(key);
    this.stored = true;
    switch (kind) {
      case 'update':
        this.finished = value as FinishedTask;
        this.updateStored = true;
        break;
      case 'step':
        this.steps.set(label, value);
        break;
      case 'interrupt':
        this.interrupts.set(label, value as AskedInterrupt);
        break;
      case 'answer':
        this.answers.set(label, value as StoredAnswer);
        break;
      case 'error':
        this.failures += 1;
        this.runs.push(value as StoredFailure);
        break;
      case 'suspended':
        this.suspensions += 1;
        this.runs.push(value as NodeRun);
        break;
      case 'resumed':
        this.resumed = Math.max(this.resumed, value as number);
        break;
    }
  }

  /** What the task leaves in history once its pending writes are folded in. */
  trail(finished: FinishedTask): TaskTrail {
    const runs = [...this.runs, finished];
    return {
      id: this.plan.id,
      node: this.plan.node,
      startedAt: Math.min(...runs.map((run) => run.startedAt)),
      endedAt: finished.endedAt,
      attempts: runs.reduce((sum, run) => sum + run.attempts, 0),
      steps: [...this.steps.keys()],
      interrupts: [...this.interrupts.values()].map(({ id, name, label, payload }) => ({
        id,
        name,
        payload,
        answer: this.answers.get(label)?.value,
      })),
    };
  }
}

/** The records of a checkpoint's tasks, in fold order. */
export function taskRecords({ body, writes }: Pick<CheckpointSnapshot, 'body' | 'writes'>): readonly TaskRecord[] {
  const records = body.tasks.map((plan, path) => new TaskRecord(plan, path));
  const byId = new Map(records.map((record) => [record.plan.id, record]));
  for (const { taskId, key, value } of writes) {
    byId.get(taskId)?.take(key, value);
  }
  for (const record of records) record.runs.sort((a, b) => a.startedAt - b.startedAt);
  return records;
}
