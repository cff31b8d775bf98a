/** What a running case has in its hands: a saver on a fresh store, more instances of it, builders, a seed, a clock. */
import assert from 'node:assert/strict';
import {
  type CheckpointCommit,
  type CheckpointHeader,
  type CheckpointSaver,
  type Clock,
  isMaintainable,
  type JsonValue,
  type MaintainableSaver,
} from '@cairn/checkpoint-core';
import { checkShape } from './check-shape.js';
import { type Builders, builders, type CommitParts } from './fixtures/commits.js';
import { type Random, seededRandom } from './fixtures/random.js';
import { type TestClock, testClock } from './fixtures/test-clock.js';
import type { ConformanceHarness } from './harness.js';
import { type OtherProcess, startProcess } from './processes/other-process.js';

export interface CaseContext extends Builders {
  /** An open saver on an empty store. */
  readonly saver: CheckpointSaver;
  readonly harness: ConformanceHarness;
  readonly location: JsonValue;
  /** What ids, bytes and sequences are drawn from. */
  readonly seed: number;
  /** How many times as many random sequences and kills a long run makes; 1 in a short one. */
  readonly times: number;
  readonly random: Random;
  /** The clock of every instance that was opened without one of its own. */
  readonly clock: TestClock;

  /** Another instance on the same store; for cases that require a shared store. */
  open(clock?: Clock): Promise<CheckpointSaver>;
  /** Another instance where the saver shares a store, else the same: for races that must hold either way. */
  openOther(): Promise<CheckpointSaver>;
  /** Closes every instance and opens one anew; for cases that require permanence. */
  reopen(): Promise<CheckpointSaver>;
  /**
   * Another process with a saver of its own on the store; for cases that require a store shared by processes, or that
   * close every instance of this process first.
   */
  startProcess(environment?: Readonly<Record<string, string>>): Promise<OtherProcess>;
  /** Closes every instance of this process, so that another may have the store alone. */
  closeInstances(): Promise<void>;
  /** The saver with its maintenance methods; for cases that require them. */
  maintainable(): MaintainableSaver;
  /** Commits `count` checkpoints in a row onto `parent`, or as a new stream, and returns the commits. */
  grow(count: number, parts?: CommitParts, parent?: CheckpointHeader): Promise<CheckpointCommit[]>;
}

/** What a run was told, for all of its cases. */
export type RunSettings = Pick<CaseContext, 'seed' | 'times'>;

/** A context and the way to end it. */
export interface OpenContext {
  readonly context: CaseContext;
  /** Closes every instance the case has opened. */
  closeAll(): Promise<void>;
}

/** Opens a saver on a store for one case; the same seed and case id give the same ids and bytes. */
export async function openContext(
  harness: ConformanceHarness,
  location: JsonValue,
  { seed, times }: RunSettings,
  caseId: string,
): Promise<OpenContext> {
  const clock = testClock();
  const random = seededRandom(seed, caseId);
  const opened = new Set<CheckpointSaver>();

  const open = async (own: Clock = clock): Promise<CheckpointSaver> => {
    const saver = await harness.open(location, { clock: own });
    checkShape(saver, harness.name);
    opened.add(saver);
    return saver;
  };
  const closeInstances = async (): Promise<void> => {
    const savers = [...opened];
    opened.clear();
    await Promise.all(savers.map((saver) => saver.close()));
  };
  const processes = new Set<OtherProcess>();
  const closeAll = async (): Promise<void> => {
    await Promise.all([...processes].map((each) => each.end()));
    await closeInstances();
  };

  const saver = await open();
  const made = builders(random, clock);
  const context: CaseContext = {
    ...made,
    saver,
    harness,
    location,
    seed,
    times,
    random,
    clock,
    open,
    openOther: async () => (saver.capabilities.shared === 'no' ? saver : await open()),
    reopen: async () => {
      await closeInstances();
      return await open();
    },
    startProcess: async (environment) => {
      const other = await startProcess(harness, location, environment);
      processes.add(other);
      return other;
    },
    closeInstances,
    maintainable: () => {
      assert.ok(isMaintainable(saver), 'the case itself is wrong: it does not require maintenance');
      return saver;
    },
    grow: async (count, parts = {}, parent) => {
      const commits: CheckpointCommit[] = [];
      while (commits.length < count) {
        const last = commits.at(-1) ?? parent;
        const { threadId: _, namespace: __, ...rest } = parts;
        const commit = last === undefined ? context.first(parts) : context.next(last, rest);
        await saver.put(commit);
        commits.push(commit);
      }
      return commits;
    },
  };
  return { context, closeAll };
}
