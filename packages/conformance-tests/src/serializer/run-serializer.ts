/** Running the suite for serializers: as a report, or as tests of any runner. */
import type { Serializer } from '@cairn/checkpoint-core';
import { seededRandom } from '../fixtures/random.js';
import type { TestRunner } from '../register.js';
import { newSeed } from '../run.js';
import type { SerializerCase, SerializerContext } from './serializer-case.js';
import { serializerCases } from './serializer-cases.js';
import { gradeOf, type SerializerCaseResult, type SerializerReport } from './serializer-report.js';
import { type OptionalKind, optionalKinds, requiredKinds, samplesOf } from './value-kinds.js';

export interface SerializerOptions {
  /** Kinds of values that the format does not keep, and refuses. Default none. */
  readonly notKept?: readonly OptionalKind[];
  /** Another instance of the serializer, as a later process would make it. */
  readonly reopen?: () => Serializer;
  /** What altered bytes are drawn from. Default: a new one, named in the report. */
  readonly seed?: number;
  /** Runs the cases whose ids begin with one of these, and no others. */
  readonly only?: readonly string[];
}

/**
 * Runs every case against a serializer; never throws for what it does.
 *
 * Synchronous, as serializers are: one that does not end is not stopped.
 */
export function runSerializerConformance(serializer: Serializer, options: SerializerOptions = {}): SerializerReport {
  const { seed = newSeed(), notKept = [], only } = options;
  checkKinds(notKept);
  const cases = serializerCases.map((each) =>
    isSelected(each, only)
      ? runCase(each, serializer, { ...options, seed })
      : ({ id: each.id, states: each.states, outcome: 'left out' } as const),
  );
  return { serializer: serializer.id, grade: gradeOf(cases), seed, notKept, cases };
}

/** Registers a test for each case; what the format declares to refuse is said in the test's name. */
export function registerSerializerConformance(
  runner: TestRunner,
  serializer: Serializer,
  options: SerializerOptions = {},
): void {
  const { seed = newSeed(), notKept = [], only } = options;
  checkKinds(notKept);
  const selected = serializerCases.filter((each) => isSelected(each, only) && !isExcluded(each, options));
  if (selected.length === 0) throw new TypeError('No case is selected: does `only` begin like the ids of any?');
  runner.describe(`the serializer ${serializer.id} conforms (seed ${seed})`, () => {
    for (const each of selected) {
      const refuses = each.about !== undefined && notKept.includes(each.about) ? ' (declared not to be kept)' : '';
      runner.it(`${each.id}: ${each.states}${refuses}`, async () => {
        const { outcome, error } = runCase(each, serializer, { ...options, seed });
        if (outcome === 'failed') throw error;
      });
    }
  });
}

function runCase(
  each: SerializerCase,
  serializer: Serializer,
  options: SerializerOptions & { readonly seed: number },
): SerializerCaseResult {
  const { id, states, about } = each;
  if (isExcluded(each, options)) return { id, states, outcome: 'excluded' };
  const context = contextOf(each, serializer, options);
  try {
    each.run(context);
    return { id, states, outcome: about !== undefined && context.refuses(about) ? 'refuses' : 'passed' };
  } catch (error) {
    return { id, states, outcome: 'failed', error };
  }
}

function contextOf(
  { id }: SerializerCase,
  serializer: Serializer,
  { notKept = [], reopen, seed }: SerializerOptions & { readonly seed: number },
): SerializerContext {
  const kinds = [...requiredKinds, ...optionalKinds.filter((kind) => !notKept.includes(kind))];
  return {
    serializer,
    reopen,
    refuses: (kind) => notKept.includes(kind),
    // The widest would make cases about bytes slow, and say nothing new.
    kept: kinds.filter((kind) => kind !== 'wide lists').flatMap(samplesOf),
    random: seededRandom(seed, id),
  };
}

function isSelected({ id }: SerializerCase, only: readonly string[] | undefined): boolean {
  return only === undefined || only.some((prefix) => id.startsWith(prefix));
}

function isExcluded({ reopens }: SerializerCase, { reopen }: SerializerOptions): boolean {
  return reopens === true && reopen === undefined;
}

/** A slip of the pen must not look like a format that keeps everything. */
function checkKinds(notKept: readonly string[]): void {
  const known: readonly string[] = optionalKinds;
  const unknown = notKept.find((kind) => !known.includes(kind));
  if (unknown === undefined) return;
  throw new TypeError(
    `${JSON.stringify(unknown)} is no kind that a format may declare; those are: ${known.join(', ')}.`,
  );
}
