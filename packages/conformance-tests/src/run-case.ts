/** Running one case: a fresh store, a saver on it, the case, and the store removed whatever happened. */
import type { SaverCapabilities } from '@cairn/checkpoint-core';
import { type CaseGroup, type ConformanceCase, exclusion, groupOf } from './case.js';
import { type OpenContext, openContext, type RunSettings } from './context.js';
import type { ConformanceHarness } from './harness.js';

/** What came of one case. */
export interface CaseResult {
  readonly id: string;
  readonly group: CaseGroup;
  readonly states: string;
  /** `left out`: the run was told to run other cases only. */
  readonly outcome: 'passed' | 'failed' | 'excluded' | 'left out';
  /** Why a case was excluded: the capability that the saver does not declare. */
  readonly reason?: string;
  /** Why a case failed. */
  readonly error?: unknown;
  readonly durationMs: number;
}

/** A case's result, and what the saver declared while it ran; undefined when it could not even be opened. */
export interface CaseRun {
  readonly result: CaseResult;
  readonly capabilities: SaverCapabilities | undefined;
}

/** How long a case may take before it has failed; a long run's cases may take as many times as long. */
export function caseTimeoutMs({ times }: Pick<RunSettings, 'times'>): number {
  return 60_000 * times;
}

/** Runs a case on a fresh store, which is removed also when the case failed; never throws. */
export async function runCase(
  one: ConformanceCase,
  harness: ConformanceHarness,
  settings: RunSettings,
): Promise<CaseRun> {
  const startedAt = performance.now();
  const { id, states } = one;
  const finish = (result: Pick<CaseResult, 'outcome' | 'reason' | 'error'>): CaseResult => ({
    id,
    group: groupOf(id),
    states,
    ...result,
    durationMs: performance.now() - startedAt,
  });
  let capabilities: SaverCapabilities | undefined;
  try {
    const location = await harness.createStore();
    const reason = await cleaned(
      () => harness.destroyStore(location),
      async () => {
        const opened = await openContext(harness, location, settings, id);
        capabilities = { ...opened.context.saver.capabilities };
        return await cleaned(opened.closeAll, () => runOpened(one, opened));
      },
    );
    return {
      capabilities,
      result: finish(reason === undefined ? { outcome: 'passed' } : { outcome: 'excluded', reason }),
    };
  } catch (error) {
    return { capabilities, result: finish({ outcome: 'failed', error }) };
  }
}

/** @returns why the saver is excluded from the case; undefined when it passed. */
async function runOpened(one: ConformanceCase, { context }: OpenContext): Promise<string | undefined> {
  const reason = exclusion(one.requires, context.saver.capabilities, context.harness);
  if (reason === undefined) await withinTime(one.run(context), caseTimeoutMs(context));
  return reason;
}

/** Runs `work`, then `clean` in any case; a failure of the work is the one reported. */
async function cleaned<T>(clean: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await clean().catch(() => undefined);
    throw error;
  }
  await clean();
  return result;
}

async function withinTime(run: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The case did not end within ${timeoutMs / 1_000} s.`)), timeoutMs);
  });
  try {
    await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
  }
}
