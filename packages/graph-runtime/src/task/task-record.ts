/**
 * What is known of one task of the current superstep: read from the checkpoint's pending writes, then kept up to date by
 * the run that owns the thread.
 */
import type { CheckpointSnapshot, Namespace, TaskPlan, TaskTrail } from '@cairn/checkpoint-core';
import {
  type AskedInterrupt,
  type ChildRef,
  type FinishedTask,
  type NodeRun,
  type OpenCall,
  parseWriteKey,
  type StoredAnswer,
  type StoredFailure,
  writeKey,
} from './write-keys.js';

/** `finished`: its update is known. `waiting`: for an answer. `failed`: and not taken up since. `ready`: to be run. */
export type TaskState = 'finished' | 'waiting' | 'failed' | 'ready';

/** A sub-graph that a task has called, where it stands. */
export interface CalledChild {
  readonly key: string;
  readonly namespace: Namespace;
  readonly remembers: boolean;
  /** Its values when the call began, where this run began it. */
  readonly begun?: Readonly<Record<string, unknown>> | undefined;
  base: CheckpointSnapshot;
  tasks: readonly TaskRecord[];
}

/** Most tasks record nothing before they are finished, and need no maps of their own for that. */
const none: ReadonlyMap<never, never> = new Map<never, never>();

function added<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
  return map === none ? new Map([[key, value]]) : (map as Map<Key, Value>).set(key, value);
}

export class TaskRecord {
  readonly plan: TaskPlan;
  /** The task's index in its superstep: its place in the fold order. */
  readonly path: number;
  finished: FinishedTask | undefined;
  /** True when the store has pending writes of this task, which the next commit consumes. */
  stored = false;
  /** True when the store has the task's update. */
  updateStored = false;
  steps: ReadonlyMap<string, unknown> = none;
  /** What `ctx.now()` has said, in milliseconds since 1970, in order of the calls. */
  readonly nows: number[] = [];
  /** How many of these the store has. */
  #storedNows = 0;
  interrupts: ReadonlyMap<string, AskedInterrupt> = none;
  /** The sub-graphs it has called, by call key: those this run called, or has read. */
  children: ReadonlyMap<string, CalledChild> = none;
  /** The sub-graphs that its past runs called, by call key, each as the last one that came to an end left it. */
  calls: ReadonlyMap<string, OpenCall & Partial<ChildRef>> = none;
  /** Failed and suspended runs, in order. */
  readonly runs: NodeRun[] = [];
  suspensions = 0;
  failures = 0;
  /** The latest of the failures. */
  failure: StoredFailure | undefined;
  /** How many of the failures a resume has taken up. */
  resumed = 0;
  /** How often a run was cancelled while the task had not finished, if the task was the one to note it. */
  cancellations = 0;
  /** How many of the cancellations a resume has taken up. */
  continued = 0;
  /** What was stored of the superstep each time a recovery took it up, by the recovery's number. */
  readonly recoveries: string[] = [];
  /** How many pending writes it has, but for those of recoveries. */
  recorded = 0;
  /** The number of `failure`. */
  #latest = -1;
  /** By interrupt and round. */
  #answers: ReadonlyMap<string, ReadonlyMap<number, StoredAnswer>> = none;
  /** How many answers to an interrupt its node has refused. */
  #refusals: ReadonlyMap<string, number> = none;

  constructor(plan: TaskPlan, path: number) {
    this.plan = plan;
    this.path = path;
  }

  get state(): TaskState {
    // A refused answer is a failure, too, but what the task needs is another answer, not another run.
    if (!this.finished && (this.openInterrupts().length > 0 || this.#waitsForChildren())) return 'waiting';
    if (this.failures > this.resumed) return 'failed';
    return this.finished ? 'finished' : 'ready';
  }

  /** True when a child waits for answers and none of them could go on. */
  #waitsForChildren(): boolean {
    if (this.children.size === 0) return false;
    const children = [...this.children.values()];
    const movable = ({ tasks }: CalledChild) => tasks.some(({ state }) => state === 'ready' || state === 'failed');
    return children.some(({ tasks }) => isWaiting(tasks)) && !children.some(movable);
  }

  /** True when a run before this one had called a sub-graph that the task calls, and may have ended with a question in it. */
  get hadCalled(): boolean {
    return this.runs.length > 0 || [...this.children.values()].some(({ begun }) => begun === undefined);
  }

  openInterrupts(): readonly AskedInterrupt[] {
    if (this.interrupts.size === 0) return [];
    return this.#asked().filter(({ label }) => !this.answerTo(label));
  }

  /** Its interrupts as its node asked them: what is read comes in an order of text. */
  #asked(): readonly AskedInterrupt[] {
    return [...this.interrupts.values()].sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  }

  /** The interrupt's answer, unless its node refused it. */
  answerTo(label: string): StoredAnswer | undefined {
    return this.#answers.get(label)?.get(this.answerRound(label));
  }

  /** Which answer to the interrupt the task goes by, or waits for: 1, 2 after one that its node refused, … */
  answerRound(label: string): number {
    return (this.#refusals.get(label) ?? 0) + 1;
  }

  /** The writes that record what `ctx.now()` has said since the last ones. */
  newNows(): readonly { readonly key: string; readonly value: unknown }[] {
    return this.nows.slice(this.#storedNows).map((value, index) => ({
      key: writeKey('now', this.#storedNows + index),
      value,
    }));
  }

  /** Takes in one of the task's pending writes, read or just stored. */
  take(key: string, value: unknown): void {
    const { kind, label, round } = parseWriteKey(key);
    this.stored = true;
    if (kind !== 'recovered') this.recorded += 1;
    switch (kind) {
      case 'update':
        this.finished = value as FinishedTask;
        this.updateStored = true;
        break;
      case 'step':
        this.steps = added(this.steps, label, value);
        break;
      case 'now':
        // Writes are read in an order of text, in which 10 comes before 9.
        this.nows[Number(label)] = value as number;
        this.#storedNows = Math.max(this.#storedNows, Number(label) + 1);
        break;
      case 'interrupt':
        this.interrupts = added(this.interrupts, label, value as AskedInterrupt);
        break;
      case 'answer':
        this.#answers = added(
          this.#answers,
          label,
          added(this.#answers.get(label) ?? none, round, value as StoredAnswer),
        );
        break;
      case 'refused':
        this.#refusals = added(this.#refusals, label, Math.max(this.#refusals.get(label) ?? 0, round));
        break;
      case 'error':
        this.failures += 1;
        this.#takeRun(value as StoredFailure);
        // Writes are read in an order of text, in which 10 comes before 9.
        if (Number(label) > this.#latest) [this.#latest, this.failure] = [Number(label), value as StoredFailure];
        break;
      case 'suspended':
        this.suspensions += 1;
        this.#takeRun(value as NodeRun);
        break;
      case 'called':
        // A run that came to an end says of it where it stood, too.
        if (!this.calls.has(label)) this.calls = added(this.calls, label, value as OpenCall);
        break;
      case 'resumed':
        this.resumed = Math.max(this.resumed, value as number);
        break;
      case 'cancelled':
        this.cancellations += 1;
        break;
      case 'continued':
        this.continued = Math.max(this.continued, value as number);
        break;
      case 'recovered':
        this.recoveries[Number(label)] = value as string;
        break;
    }
  }

  #takeRun(run: NodeRun): void {
    this.runs.push(run);
    for (const call of run.children ?? []) this.calls = added(this.calls, call.key, call);
  }

  /** The calls of sub-graphs that no run of it has told of yet, as writes that do. */
  untoldCalls(): readonly { readonly key: string; readonly value: OpenCall }[] {
    const untold = [...this.children.values()].filter(({ key }) => !this.calls.has(key));
    return untold.map(({ key, namespace, remembers }) => ({
      key: writeKey('called', key),
      value: { key, namespace, ...(remembers && { remembers }) },
    }));
  }

  /** Takes in where a sub-graph stands that the task has called. */
  takeChild(child: CalledChild): void {
    this.children = added(this.children, child.key, child);
  }

  /** What the task leaves in history once its pending writes are folded in. */
  trail(finished: FinishedTask): TaskTrail {
    return {
      id: this.plan.id,
      node: this.plan.node,
      startedAt: this.runs.reduce((first, run) => Math.min(first, run.startedAt), finished.startedAt),
      endedAt: finished.endedAt,
      attempts: this.runs.reduce((sum, run) => sum + run.attempts, finished.attempts),
      steps: this.steps.size === 0 ? [] : [...this.steps.keys()],
      interrupts:
        this.interrupts.size === 0
          ? []
          : this.#asked().map(({ id, name, label, payload }) => ({
              id,
              name,
              payload,
              answer: this.answerTo(label)?.value,
            })),
      ...(finished.fellBack && { fellBack: finished.fellBack }),
    };
  }
}

/** The open interrupts of tasks and of the sub-graphs they called. */
export function openQuestions(tasks: readonly TaskRecord[]): readonly AskedInterrupt[] {
  return openPlaces(tasks).map(({ interrupt }) => interrupt);
}

/** Where an interrupt is open: its task, and the sub-graph that the task is in. */
export interface OpenPlace {
  readonly task: TaskRecord;
  readonly interrupt: AskedInterrupt;
  /** Undefined for a task of the graph whose tasks were asked for. */
  readonly child: CalledChild | undefined;
}

export function openPlaces(tasks: readonly TaskRecord[], child?: CalledChild): readonly OpenPlace[] {
  return tasks
    .filter((task) => !task.finished)
    .flatMap((task) => [
      ...task.openInterrupts().map((interrupt) => ({ task, interrupt, child })),
      ...[...task.children.values()].flatMap((called) => openPlaces(called.tasks, called)),
    ]);
}

/** True when nothing can run before an answer comes. */
export function isWaiting(tasks: readonly TaskRecord[]): boolean {
  return tasks.some((task) => task.state === 'waiting') && !tasks.some((task) => task.state === 'ready');
}

/** The records of a checkpoint's tasks, in fold order. */
export function taskRecords({ body, writes }: Pick<CheckpointSnapshot, 'body' | 'writes'>): readonly TaskRecord[] {
  const records = body.tasks.map((plan, path) => new TaskRecord(plan, path));
  if (writes.length === 0 && body.carried === undefined) return records;
  const byId = new Map(records.map((record) => [record.plan.id, record]));
  for (const { taskId, key, value } of body.carried ?? []) byId.get(taskId)?.take(key, value);
  // What is carried lies in the checkpoint itself: the next commit finds nothing of it to consume.
  for (const record of records) record.stored = false;
  for (const { taskId, key, value } of writes) {
    byId.get(taskId)?.take(key, value);
  }
  for (const record of records) record.runs.sort((a, b) => a.startedAt - b.startedAt);
  return records;
}
