/** Another process with a saver of its own on the case's store: started, told what to do, killed. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import type { JsonValue } from '@cairn/checkpoint-core';
import type { ConformanceHarness } from '../harness.js';
import { mutantOf } from '../mutants/mutant-harness.js';
import { workerFile } from '../worker-file.js';
import type { CallOutcome, FromWorker, Job, Lane, MethodCall, ToWorker, WorkerSettings } from './jobs.js';

export interface OtherProcess {
  /** Makes the calls there, all at once. */
  call(calls: readonly MethodCall[]): Promise<readonly CallOutcome[]>;
  /** See the job of this kind. */
  increment(job: Omit<Extract<Job, { kind: 'increment' }>, 'kind'>): Promise<void>;
  /** Plays lanes of calls until they end or the process does; `acknowledged` is told of each call as it comes. */
  play(lanes: readonly Lane[], acknowledged: (lane: string) => void): Promise<'ended' | 'killed'>;
  /** Kills it with SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Lets it close its saver and end. */
  end(): Promise<void>;
}

/**
 * Starts a process that imports the harness from its module and opens a saver on the store.
 *
 * @param environment - added to this process's own, such as the crash points to be killed at.
 * @throws AssertionError when the harness names no module: it declares what it does not let the suite see.
 */
export async function startProcess(
  harness: ConformanceHarness,
  location: JsonValue,
  environment: Readonly<Record<string, string>> = {},
): Promise<OtherProcess> {
  const { module } = harness;
  assert.ok(module !== undefined, 'the saver declares what only other processes can show, and its harness no `module`');
  const settings: WorkerSettings = { module, location, mutant: mutantOf(harness) };
  const child = fork(workerFile, [JSON.stringify(settings)], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    env: { ...process.env, ...environment },
  });
  return new StartedProcess(child).started();
}

class StartedProcess implements OtherProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, (outcomes: readonly CallOutcome[] | undefined) => void>();
  #onReady: () => void = () => {};
  #onAcknowledged: (lane: string) => void = () => {};
  #errors = '';
  #lastId = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (text: Buffer) => {
      this.#errors += text.toString();
    });
    child.on('message', (message: FromWorker) => this.#receive(message));
    const hasExited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // Comes after the last message that it sent.
    const isDisconnected = new Promise<void>((resolve) => child.once('disconnect', () => resolve()));
    this.#exited = Promise.all([hasExited, isDisconnected]).then(() => {
      for (const answer of this.#waiting.values()) answer(undefined);
      this.#waiting.clear();
    });
  }

  async started(): Promise<OtherProcess> {
    const isReady = new Promise<boolean>((resolve) => {
      this.#onReady = () => resolve(true);
    });
    const didStart = await Promise.race([isReady, this.#exited.then(() => false)]);
    if (!didStart && this.#child.signalCode === null) throw new Error(`another process did not start: ${this.#errors}`);
    return this;
  }

  async call(calls: readonly MethodCall[]): Promise<readonly CallOutcome[]> {
    const outcomes = await this.#send({ kind: 'call', calls });
    assert.ok(outcomes, `the other process ended before it answered: ${this.#errors}`);
    return outcomes;
  }

  async increment(job: Omit<Extract<Job, { kind: 'increment' }>, 'kind'>): Promise<void> {
    const [outcome] = (await this.#send({ kind: 'increment', ...job })) ?? [];
    assert.ok(outcome, `the other process ended before it had counted: ${this.#errors}`);
    assert.ok(outcome.ok, outcome.ok ? '' : `counting in another process failed: ${outcome.message}`);
  }

  async play(lanes: readonly Lane[], acknowledged: (lane: string) => void): Promise<'ended' | 'killed'> {
    this.#onAcknowledged = acknowledged;
    const outcomes = await this.#send({ kind: 'play', lanes });
    for (const outcome of outcomes ?? []) assert.ok(outcome.ok, `a call failed: ${outcome.ok ? '' : outcome.message}`);
    return outcomes === undefined ? 'killed' : 'ended';
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const tooLong = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await this.#exited;
    clearTimeout(tooLong);
  }

  #send(job: Job): Promise<readonly CallOutcome[] | undefined> {
    this.#lastId += 1;
    const message: ToWorker = { id: this.#lastId, job };
    return new Promise((resolve) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        resolve(undefined);
        return;
      }
      this.#waiting.set(message.id, resolve);
      // It may be killed at any instant; that is told by its end, not here.
      this.#child.send(message, () => {});
    });
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'ready') this.#onReady();
    else if (message.kind === 'acknowledged') this.#onAcknowledged(message.lane);
    else {
      this.#waiting.get(message.id)?.(message.outcomes);
      this.#waiting.delete(message.id);
    }
  }
}
