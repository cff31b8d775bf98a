/** All kinds of graphs, and the end each comes to when nobody disturbs it. */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { branches } from './branches.js';
import { chain } from './chain.js';
import { nested } from './nested.js';
import { paced } from './paced.js';
import { parallel } from './parallel.js';
import type { Shape } from './shape.js';
import type { World } from './world.js';

export function makeShapes(saver: CheckpointSaver, world: World): readonly Shape[] {
  return [
    chain(saver, world),
    parallel(saver, world),
    branches(saver, world),
    nested(saver, world),
    paced('merged', { every: 2 }, saver, world),
    paced('behind', 'async', saver, world),
  ];
}

const quietWorld: World = { happen: () => {}, recorded: () => {}, began: () => {} };

/** By the shape's name, as JSON. */
export async function undisturbedEnds(): Promise<ReadonlyMap<string, string>> {
  const ends = new Map<string, string>();
  for (const shape of makeShapes(new MemorySaver(), quietWorld)) {
    ends.set(shape.name, JSON.stringify(await shape.drive(`${shape.name}-undisturbed`)));
  }
  return ends;
}
