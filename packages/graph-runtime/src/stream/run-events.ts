/**
 * Turns what happens in a run into events of the modes that are read; in a run that nobody streams there is no instance.
 *
 * What an event says of a result (an update, a question, a failure, a checkpoint, a state) is stored when it is sent, as
 * the run's durability stores it. Only `started` and `custom` tell what is under way.
 */
import type { CheckpointSnapshot, Namespace } from '@cairn/checkpoint-core';
import { stateSnapshot } from '../history/get-state.js';
import { openInterrupts } from '../run/result.js';
import type { RunScope } from '../run/run-scope.js';
import type { Channels } from '../state/channel.js';
import { completeValues, handOutValues, type Values } from '../state/values.js';
import type { Superstep } from '../superstep/superstep.js';
import type { TaskOutcome } from '../task/run-task.js';
import type { TaskRecord } from '../task/task-record.js';
import { untilAborted } from '../task/until-aborted.js';
import type { NodeRun } from '../task/write-keys.js';
import type { EventBuffer } from './event-buffer.js';
import type { StreamMode, TaskProgress, TaskUpdate } from './events.js';

/** An event before its types are those of a graph. */
export interface AnyEvent {
  readonly mode: StreamMode;
  readonly namespace: Namespace;
  readonly data: unknown;
}

/** What to wait for before going on: the reader is behind. */
type Wait = Promise<void> | undefined;

export class RunEvents {
  readonly #modes: ReadonlySet<StreamMode>;
  readonly #subgraphs: boolean;
  readonly #buffer: EventBuffer<AnyEvent>;
  /** Tasks whose update was told before their superstep was committed. */
  readonly #told = new WeakSet<TaskRecord>();

  /** @param subgraphs - whether events of nested namespaces are sent, too. */
  constructor(modes: ReadonlySet<StreamMode>, subgraphs: boolean, buffer: EventBuffer<AnyEvent>) {
    this.#modes = modes;
    this.#subgraphs = subgraphs;
    this.#buffer = buffer;
  }

  /** The run goes on from a stored checkpoint. */
  begun(scope: RunScope, base: CheckpointSnapshot): Wait {
    return this.#send(scope, base.namespace, 'values', () => valuesOf(scope, base));
  }

  /** A checkpoint is acknowledged. */
  async committed(scope: RunScope, base: CheckpointSnapshot): Promise<void> {
    // One that is yet to be stored, or that a later one will take in, is told when it is stored, if ever.
    const stored = (one: CheckpointSnapshot) => this.#stored(scope, one);
    if (!scope.storage.whenStored(base, stored)) await stored(base);
    await this.begun(scope, base);
  }

  #stored(scope: RunScope, base: CheckpointSnapshot): Wait {
    const { keeper } = scope.storage;
    return this.#send(scope, base.namespace, 'checkpoints', () => stateSnapshot(base, valuesOf(scope, base), keeper));
  }

  /** A superstep is acknowledged, and with it those of its tasks that no pending write had stored before. */
  async superstepCommitted(
    superstep: Superstep,
    tasks: readonly TaskRecord[],
    committed: CheckpointSnapshot,
  ): Promise<void> {
    for (const task of tasks) {
      const { finished, updateStored } = task;
      if (finished && !updateStored && !this.#told.has(task))
        await this.settled(superstep, task, { kind: 'finished', finished });
    }
    await this.committed(superstep.scope, committed);
  }

  started({ scope, base }: Superstep, { plan: { id: taskId, node } }: TaskRecord, attempt: number): Wait {
    const progress = (): TaskProgress => ({ type: 'started', taskId, node, attempt });
    return this.#send(scope, base.namespace, 'tasks', progress);
  }

  /** A task settled, and that is stored, where the run's durability stores it. */
  async settled({ scope, base }: Superstep, task: TaskRecord, outcome: TaskOutcome): Promise<void> {
    this.#told.add(task);
    await this.#send(scope, base.namespace, 'tasks', () => progressOf(scope, task, outcome));
    if (outcome.kind === 'failed') return;
    for (const update of updatesOf(outcome))
      await this.#send(scope, base.namespace, 'updates', () => updateOf(scope, task, outcome, update));
  }

  custom({ scope, base }: Superstep, data: unknown): Wait {
    return this.#send(scope, base.namespace, 'custom', () => data);
  }

  #send(scope: RunScope, namespace: Namespace, mode: StreamMode, data: () => unknown): Wait {
    if (!this.#modes.has(mode) || (namespace.length > 0 && !this.#subgraphs)) return undefined;
    const room = this.#buffer.push({ mode, namespace, data: data() });
    return room && untilAborted(room, scope.signal);
  }
}

function valuesOf({ graph, storage }: RunScope, base: CheckpointSnapshot): Values {
  return handOutValues(completeValues(graph.channels, base.values), storage.keeper);
}

function progressOf(scope: RunScope, task: TaskRecord, outcome: TaskOutcome): TaskProgress {
  const { id: taskId, node } = task.plan;
  switch (outcome.kind) {
    case 'finished':
      return { type: 'finished', taskId, node, ...runOf(outcome.finished) };
    case 'suspended':
      return {
        type: 'interrupted',
        taskId,
        node,
        ...runOf(outcome.run),
        interrupts: openInterrupts([task], scope.storage.keeper),
      };
    case 'failed':
      return { type: 'failed', taskId, node, ...runOf(outcome.run), error: outcome.error };
  }
}

function runOf({ attempts, startedAt, endedAt }: NodeRun): NodeRun {
  return { attempts, startedAt, endedAt };
}

/** One for each result that changed something, and one that is empty where none did. */
function updatesOf(outcome: TaskOutcome): readonly Values[] {
  const updates = outcome.kind === 'finished' ? outcome.finished.updates : [];
  return updates.length > 0 ? updates : [{}];
}

function updateOf(scope: RunScope, task: TaskRecord, outcome: TaskOutcome, update: Values): TaskUpdate<Channels> {
  const { keeper } = scope.storage;
  return {
    taskId: task.plan.id,
    node: task.plan.node,
    update: handOutValues(update, keeper),
    interrupts: outcome.kind === 'finished' ? [] : openInterrupts([task], keeper),
  };
}
