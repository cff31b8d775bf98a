// Narrows what an earlier node must have filled in.
import type { Decision } from '../policy/decision.js';

/** @throws Error when the graph's edges let a node run before the one it builds on. */
export function known<T>(value: T | null): T {
  if (value === null) throw new Error('A node ran before the one that fills in what it needs');
  return value;
}

/** The decision as one of the outcomes that may cost money. */
export function payable<O extends 'refund' | 'ask-human'>(
  decision: Decision | null,
  ...outcomes: readonly O[]
): Extract<Decision, { outcome: O }> {
  const made = known(decision);
  if (!isOneOf(made, outcomes)) throw new Error(`The policy came to "${made.outcome}", which leads to no refund`);
  return made;
}

function isOneOf<O extends Decision['outcome']>(
  decision: Decision,
  outcomes: readonly O[],
): decision is Extract<Decision, { outcome: O }> {
  return (outcomes as readonly string[]).includes(decision.outcome);
}
