// Chooses the approvals that are left for the person who keeps the files: such that no other ticket has to wait for them.
import { lanesOf } from '../tickets/lanes.js';
import type { Ticket } from '../tickets/ticket.js';
import type { Expected } from './expectation.js';

export function chooseLeft(
  tickets: readonly Ticket[],
  expected: ReadonlyMap<string, Expected>,
  count: number,
): Set<string> {
  const lastOfLanes = lanesOf(tickets).flatMap((lane) => lane.at(-1)?.id ?? []);
  return new Set(lastOfLanes.filter((id) => expected.get(id)?.decision.outcome === 'ask-human').slice(0, count));
}
