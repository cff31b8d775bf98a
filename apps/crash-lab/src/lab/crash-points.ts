/** Every named crash point of each durable saver and of the runtime, and how often at most a worker passes it before it is killed there. */
import type { SaverName } from '../stores/location.js';

const writeMethods = ['put', 'put-writes', 'lease', 'delete', 'prune', 'copy', 'restore', 'replace'];
const moments = ['before', 'inside', 'after'];
/** What PostgresSaver does by several statements has a last moment before its COMMIT, too. */
const inSeveral = ['restore', 'replace', 'migrate'];

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
  'child-begun',
  'held-committed',
];

export interface CrashPoint {
  readonly name: string;
  /** The kill falls on one of so many first times. */
  readonly within: number;
}

function pointsOf(saver: SaverName, method: string): readonly string[] {
  const all = saver === 'postgres' && inSeveral.includes(method) ? [...moments, 'uncommitted'] : moments;
  return all.map((moment) => `${saver}:${method}-${moment}`);
}

/** Reached only while a store has no tables yet, or once in a life. */
export function firstPoints(saver: SaverName): readonly CrashPoint[] {
  return pointsOf(saver, 'migrate').map((name) => ({ name, within: 1 }));
}

const often = new Set(['put', 'put-writes', 'lease', 'read']);

export function crashPoints(saver: SaverName): readonly CrashPoint[] {
  const methods = saver === 'postgres' ? [...writeMethods, 'read'] : writeMethods;
  return [
    ...methods.flatMap((method) =>
      pointsOf(saver, method).map((name) => ({ name, within: often.has(method) ? 20 : 3 })),
    ),
    ...runtimePoints.map((name) => ({ name: `runtime:${name}`, within: name === 'fork-committed' ? 2 : 6 })),
  ];
}
