// Crash points of the runtime and the saver that the demo arms, and about how often a ticket passes each.
import type { SaverName } from './demo-options.js';

export interface KillPoint {
  readonly name: string;
  readonly perTicket: number;
}

/** The same points on each saver that outlives its process. */
export function killPoints(saver: SaverName): readonly KillPoint[] {
  return POINTS.map(({ name, perTicket }) => ({ name: name.replace(/^saver:/, `${saver}:`), perTicket }));
}

const POINTS: readonly KillPoint[] = [
  { name: 'runtime:input-committed', perTicket: 1 },
  { name: 'runtime:superstep-executed', perTicket: 4.6 },
  { name: 'runtime:superstep-committed', perTicket: 4.6 },
  { name: 'runtime:step-executed', perTicket: 0.5 },
  { name: 'runtime:step-recorded', perTicket: 0.5 },
  { name: 'runtime:interrupt-recorded', perTicket: 0.12 },
  { name: 'runtime:answer-recorded', perTicket: 0.1 },
  { name: 'saver:put-before', perTicket: 5.6 },
  { name: 'saver:put-inside', perTicket: 5.6 },
  { name: 'saver:put-after', perTicket: 5.6 },
  { name: 'saver:put-writes-inside', perTicket: 0.7 },
  { name: 'saver:lease-after', perTicket: 2 },
];
