/** Every mutant: the defects of this field's savers, one by one, each with the cases that catch it. */
import { durableMutants } from './mutants/durable-mutants.js';
import { edgeMutants } from './mutants/edge-mutants.js';
import { idleMutants } from './mutants/idle-mutants.js';
import { leaseMutants } from './mutants/lease-mutants.js';
import type { Mutant } from './mutants/mutant.js';
import { nameMutants } from './mutants/name-mutants.js';
import { putMutants } from './mutants/put-mutants.js';
import { readMutants } from './mutants/read-mutants.js';
import { restoreMutants } from './mutants/restore-mutants.js';
import { threadMutants } from './mutants/thread-mutants.js';

export const mutants: readonly Mutant[] = [
  ...idleMutants,
  ...putMutants,
  ...leaseMutants,
  ...readMutants,
  ...nameMutants,
  ...threadMutants,
  ...restoreMutants,
  ...edgeMutants,
  ...durableMutants,
];
