/** What a conformance case is: data with a function in it. Runners, reports and mutants all read this one shape. */
import type { SaverCapabilities } from '@cairn/checkpoint-core';
import type { CaseContext } from './context.js';
import type { ConformanceHarness } from './harness.js';

/** What a case needs a saver to declare; a saver that does not is excluded from it, and the report says so. */
export interface Requirement {
  /** Acknowledged writes outlive the saver object. */
  readonly permanence?: 'disk';
  /** Several saver objects, or processes, may use one store at once. */
  readonly shared?: 'instances' | 'processes';
  /** The saver is a `MaintainableSaver`. */
  readonly maintenance?: true;
  /** The harness can record what the store does to its files. */
  readonly recordedStore?: true;
}

/** One thing that must be true of every saver. */
export interface ConformanceCase {
  /**
   * `group/method-what`. The group is `law-1` … `law-10` (the contract's laws), `method` (what a method promises of its
   * own), `values` (what core's `Checkpointer` stores through the saver), `model` (random sequences), `processes` (two
   * processes on one store), `kill` (a process killed in the middle of its work) or `power-cut` (the machine, too).
   */
  readonly id: string;
  /** The law as this case checks it: one sentence that is true of a right saver. */
  readonly states: string;
  readonly requires?: Requirement;
  /** Fails by throwing. The store behind the context is fresh and belongs to this case alone. */
  run(context: CaseContext): Promise<void>;
}

/** The part of a case's id before the slash. */
export type CaseGroup =
  | `law-${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}`
  | 'method'
  | 'values'
  | 'model'
  | 'processes'
  | 'kill'
  | 'power-cut';

/** Every group with its law in a few words, in the order of the reports. */
export const caseGroups: ReadonlyMap<CaseGroup, string> = new Map<CaseGroup, string>([
  ['law-1', 'Atomic: a put is there whole or not at all'],
  ['law-2', 'Compare-and-set: two writers never overwrite each other'],
  ['law-3', 'Leased: one runner at a time, by the clock of the store'],
  ['law-4', 'Guards after the lock: racing calls see fresh data'],
  ['law-5', 'Idempotent: a repeated call changes nothing'],
  ['law-6', 'Isolated: what went in and what comes out are separate copies'],
  ['law-7', 'Exact ids: names are data, never patterns'],
  ['law-8', 'Exact filters: tokens match whole or not at all'],
  ['law-9', 'Ordered: listings neither skip nor repeat'],
  ['law-10', 'Honest failure: a typed error, and the stream as it was'],
  ['method', "Methods: what each method's own comment promises"],
  ['values', 'Values: what core stores through the saver comes back equal'],
  ['model', 'Model: random sequences of calls do what a plain model says'],
  ['processes', 'Processes: the laws hold between processes on one store'],
  ['kill', 'Kill: what a killed process was acknowledged is there, whole'],
  ['power-cut', 'Power cut: what was acknowledged is on the disk, whole'],
]);

/** The group a case's id begins with. */
export function groupOf(id: string): CaseGroup {
  const group = id.slice(0, id.indexOf('/')) as CaseGroup;
  if (!caseGroups.has(group)) throw new TypeError(`The case id ${JSON.stringify(id)} begins with no known group.`);
  return group;
}

/**
 * Why a saver with these capabilities can't run the case.
 *
 * @returns undefined when it can; else a phrase that names what is missing.
 */
export function exclusion(
  requires: Requirement = {},
  capabilities: SaverCapabilities,
  harness: Pick<ConformanceHarness, 'recordStore'> = {},
): string | undefined {
  if (requires.permanence !== undefined && capabilities.permanence !== 'disk') {
    return `needs permanence 'disk', and the saver declares '${capabilities.permanence}'`;
  }
  if (requires.shared !== undefined && !isSharedBy(requires.shared, capabilities.shared)) {
    return `needs a store shared by ${requires.shared}, and the saver declares shared '${capabilities.shared}'`;
  }
  if (requires.maintenance === true && !capabilities.maintenance) {
    return 'needs the maintenance methods, and the saver declares none';
  }
  if (requires.recordedStore === true && harness.recordStore === undefined) {
    return 'needs a harness with recordStore, and there is none';
  }
  return undefined;
}

function isSharedBy(wanted: 'instances' | 'processes', declared: SaverCapabilities['shared']): boolean {
  return declared === 'processes' || declared === wanted;
}
