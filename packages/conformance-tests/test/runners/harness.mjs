/** The harness of the runners' fixtures: MemorySaver, or with CAIRN_BROKEN set one that lets the last write win. */
import { mutantHarness, mutants } from '@cairn/conformance-tests';
import { harness as right } from '../harnesses/built-memory.mjs';

const broken = mutants.find(({ id }) => id === 'last-write-wins');

export const harness = process.env.CAIRN_BROKEN && broken ? mutantHarness(right, broken) : right;
