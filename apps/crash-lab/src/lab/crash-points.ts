/** Every named crash point, and how often at most a worker passes it before it is killed there. */
const writeMethods = ['put', 'put-writes', 'lease', 'delete', 'prune', 'copy', 'restore', 'replace'];
const moments = ['before', 'inside', 'after'];

const runtimePoints = [
  'lease-acquired',
  'input-committed',
  'superstep-planned',
  'step-executed',
  'step-recorded',
  'finished-recorded',
  'failed-recorded',
  'interrupt-recorded',
  'answer-recorded',
  'superstep-executed',
  'superstep-folded',
  'superstep-committed',
  'fork-committed',
];

export interface CrashPoint {
  readonly name: string;
  /** The kill falls on one of so many first times. */
  readonly within: number;
}

/** Reached only while a store has no tables yet. */
export const firstPoints: readonly CrashPoint[] = moments.map((moment) => ({
  name: `sqlite:migrate-${moment}`,
  within: 1,
}));

const often = new Set(['put', 'put-writes', 'lease']);

export const crashPoints: readonly CrashPoint[] = [
  ...writeMethods.flatMap((method) =>
    moments.map((moment) => ({ name: `sqlite:${method}-${moment}`, within: often.has(method) ? 20 : 3 })),
  ),
  ...runtimePoints.map((name) => ({ name: `runtime:${name}`, within: name === 'fork-committed' ? 2 : 6 })),
];
