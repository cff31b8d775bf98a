/** The sub-graphs that one attempt calls: each key once, and which of them did not come to an end. */
import { DuplicateCallError } from '../errors/call-errors.js';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { begunValues, type ChildCall, callChild } from '../run/call-child.js';
import { ONLY_CALL } from '../run/called-children.js';
import { sharedOutput } from '../state/shared-channels.js';
import { completeValues, handOutValues, type Values } from '../state/values.js';
import type { Superstep } from '../superstep/superstep.js';
import { InterruptSignal } from './interrupt-signal.js';
import { type CalledChild, openQuestions, type TaskRecord } from './task-record.js';

/** A sub-graph that ran to its end. */
export interface CompletedChild {
  readonly graph: RunnableGraph;
  readonly child: CalledChild;
  /** Its final state, as a caller may have it. */
  readonly values: Values;
}

export class SubgraphCalls {
  /** Those that wait for answers, or stopped where they were told to. */
  readonly stopped: CalledChild[] = [];
  readonly #superstep: Superstep;
  readonly #task: TaskRecord;
  readonly #keys = new Set<string>();

  constructor(superstep: Superstep, task: TaskRecord) {
    this.#superstep = superstep;
    this.#task = task;
  }

  /**
   * @throws InterruptSignal when the sub-graph did not come to its end.
   * @throws DuplicateCallError, and what `callChild` throws.
   */
  async call(call: ChildCall, signal: AbortSignal): Promise<CompletedChild> {
    const { key = ONLY_CALL, graph } = call;
    const { scope } = this.#superstep;
    const { id: taskId, node } = this.#task.plan;
    if (this.#keys.has(key)) throw new DuplicateCallError(key, { threadId: scope.threadId, taskId, node });
    this.#keys.add(key);
    const child = await callChild(this.#superstep, this.#task, call, signal);
    if (child.tasks.length > 0) {
      this.stopped.push(child);
      throw new InterruptSignal(openQuestions(child.tasks)[0]?.id ?? `${taskId}/${key}`);
    }
    const values = completeValues(graph.channels, child.base.values);
    return { graph, child, values: handOutValues(values, scope.storage.keeper) };
  }

  /** What the outer state is to take over of a sub-graph that shares its channels. */
  async sharedOutput({ graph, child }: CompletedChild): Promise<Values> {
    const { scope, values } = this.#superstep;
    // Begun and merged away before it was stored, it began with the values of now.
    const begun = (await begunValues(this.#superstep, graph, child)) ?? values;
    return sharedOutput(scope.graph.channels, begun, child.base.values);
  }
}
