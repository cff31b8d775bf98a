/** The steps of one attempt: each label once, its effect once, its result on disk before it is handed out. */
import { crashPoint, quoteId } from '@cairn/checkpoint-core';
import { DuplicateStepError, StepTimeoutError } from '../errors/node-errors.js';
import type { AttemptPolicy } from '../graph/node.js';
import { policyFaults } from '../graph/policy-faults.js';
import type { Attempt } from './attempt.js';
import { lengthProblem, nameProblem } from './check-name.js';
import type { StepKey, StepOptions } from './node-context.js';
import { type Effect, runEffect } from './step-effect.js';
import { stepLabel, writeKey } from './write-keys.js';

export class Steps {
  readonly #attempt: Attempt;
  readonly #labels = new Set<string>();

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  async run(name: string, options: StepOptions, effect: Effect): Promise<unknown> {
    this.checkName(name, options);
    if (typeof effect !== 'function')
      throw this.#attempt.misused(`step ${quoteId(name)} has no function to run. Call ctx.step(name, fn)`);
    const [fault] = policyFaults(`step ${quoteId(name)}`, options ?? {});
    if (fault !== undefined) throw this.#attempt.misused(fault.slice(0, -1));
    return this.#step(stepLabel(name, options?.key), effect, options ?? {});
  }

  /** From JavaScript anything may come in, and what comes in wrong must not run an effect first. */
  checkName(name: string, options: StepKey): void {
    const key = options?.key;
    const problem =
      nameProblem('the name of a step', name) ??
      (key === undefined ? undefined : nameProblem(`the key of step ${quoteId(name)}`, key)) ??
      lengthProblem('the name (and key) of step', stepLabel(name, key));
    if (problem !== undefined) throw this.#attempt.misused(problem);
  }

  async #step(label: string, effect: Effect, policy: AttemptPolicy): Promise<unknown> {
    const { superstep, task, details } = this.#attempt;
    this.#attempt.refuseWhenEnded();
    if (this.#labels.has(label)) throw this.#attempt.raise(new DuplicateStepError(label, details));
    this.#labels.add(label);
    // A copy, not frozen: recorded or just made, a result is the node's to change.
    if (task.steps.has(label)) return superstep.scope.storage.keeper.copy(task.steps.get(label));
    await this.#settleCause();
    const result = await this.#run(label, effect, policy);
    crashPoint('runtime:step-executed');
    await this.#record(label, result);
    crashPoint('runtime:step-recorded');
    return result;
  }

  /**
   * Stores what an effect is about to be made of: the supersteps before its own, which a run at another durability than
   * `sync` may not have stored, and what `ctx.now()` has said. A run after a crash makes it of the same, for the same key.
   */
  async #settleCause(): Promise<void> {
    const { superstep, task } = this.#attempt;
    const nows = task.newNows();
    if (nows.length > 0) return this.#attempt.record(nows);
    try {
      await superstep.scope.storage.flush();
    } catch (error) {
      throw this.#attempt.raise(error);
    }
  }

  /** A step that failed recorded nothing, so the node may catch that and try the same name again. */
  async #run(label: string, effect: Effect, policy: AttemptPolicy): Promise<unknown> {
    const { signal, details } = this.#attempt;
    const timedOut = (ms: number) => new StepTimeoutError(label, ms, details);
    try {
      return await runEffect(effect, policy, signal, timedOut, (error) => !this.#attempt.raised(error));
    } catch (error) {
      this.#labels.delete(label);
      throw error;
    }
  }

  async #record(label: string, result: unknown): Promise<void> {
    this.#attempt.refuseWhenEnded();
    const value = this.#attempt.keep(`step ${JSON.stringify(label)}`, result);
    await this.#attempt.record([...this.#attempt.task.newNows(), { key: writeKey('step', label), value }]);
  }
}
