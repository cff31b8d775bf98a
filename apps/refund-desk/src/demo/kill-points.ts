// Crash points of the runtime and the SQLite saver that the demo arms, and about how often a ticket passes each.

export interface KillPoint {
  readonly name: string;
  readonly perTicket: number;
}

export const KILL_POINTS: readonly KillPoint[] = [
  { name: 'runtime:input-committed', perTicket: 1 },
  { name: 'runtime:superstep-executed', perTicket: 4.6 },
  { name: 'runtime:superstep-committed', perTicket: 4.6 },
  { name: 'runtime:step-executed', perTicket: 0.5 },
  { name: 'runtime:step-recorded', perTicket: 0.5 },
  { name: 'runtime:interrupt-recorded', perTicket: 0.12 },
  { name: 'runtime:answer-recorded', perTicket: 0.1 },
  { name: 'sqlite:put-before', perTicket: 5.6 },
  { name: 'sqlite:put-inside', perTicket: 5.6 },
  { name: 'sqlite:put-after', perTicket: 5.6 },
  { name: 'sqlite:put-writes-inside', perTicket: 0.7 },
  { name: 'sqlite:lease-after', perTicket: 2 },
];
