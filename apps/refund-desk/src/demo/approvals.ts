// The human of the demo: what they say to each request, and when. The seed decides, so a request that comes again after a crash gets the same answer.
import { chance } from './seeded.js';

const YES = 0.8;
const AT_ONCE = 0.5;

export interface Approver {
  /** Yes, no, or null: the request is left for the person at the keyboard. */
  says(threadId: string): boolean | null;
  /** Half of the requests are answered when they come, the others only after the last kill: they wait across crashes. */
  answersAtOnce(threadId: string): boolean;
}

export function seededApprover(seed: number, left: ReadonlySet<string> = new Set()): Approver {
  return {
    says: (threadId) => (left.has(threadId) ? null : chance(seed, 'says', threadId) < YES),
    answersAtOnce: (threadId) => chance(seed, 'when', threadId) < AT_ONCE,
  };
}
