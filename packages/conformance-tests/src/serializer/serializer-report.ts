/** What a run of the suite for serializers says, and how that reads. */
import { describeError } from '../fixtures/outcomes.js';
import type { Grade } from '../report.js';
import type { OptionalKind } from './value-kinds.js';

/** What came of one case. */
export interface SerializerCaseResult {
  readonly id: string;
  readonly states: string;
  /** `refuses`: the format declares not to keep such values, and refuses them as it must. */
  readonly outcome: 'passed' | 'refuses' | 'failed' | 'excluded' | 'left out';
  readonly error?: unknown;
}

export interface SerializerReport {
  /** The serializer's id. */
  readonly serializer: string;
  /** As of savers; `as declared` when it refuses some kinds of values, or no second instance could be made. */
  readonly grade: Grade;
  readonly seed: number;
  /** The kinds of values that it declares not to keep. */
  readonly notKept: readonly OptionalKind[];
  readonly cases: readonly SerializerCaseResult[];
}

export function gradeOf(cases: readonly SerializerCaseResult[]): Grade {
  const has = (outcome: SerializerCaseResult['outcome']): boolean => cases.some((each) => each.outcome === outcome);
  if (has('failed') || !has('passed')) return 'failed';
  if (has('left out')) return 'incomplete';
  return has('refuses') || has('excluded') ? 'as declared' : 'full';
}

/** A report to read: failures with their errors, what is refused, and the grade. */
export function formatSerializerReport({ serializer, seed, cases, grade }: SerializerReport): string {
  const count = (outcome: SerializerCaseResult['outcome']): number =>
    cases.filter((each) => each.outcome === outcome).length;
  const lines = cases.flatMap(({ id, states, outcome, error }) => {
    if (outcome === 'failed')
      return [`  FAIL  ${id}`, `        must hold: ${states}`, `        ${describeError(error)}`];
    if (outcome === 'refuses') return [`  refuses, as declared: ${id}`];
    return outcome === 'excluded' ? [`  excluded, as no second instance can be made: ${id}`] : [];
  });
  const sums = (['passed', 'refuses', 'failed', 'excluded', 'left out'] as const).map(
    (each) => `${count(each)} ${each}`,
  );
  return [
    `Conformance of the serializer ${serializer} (seed ${seed})`,
    ...lines,
    `Grade: ${grade} (${sums.join(', ')})`,
  ].join('\n');
}
