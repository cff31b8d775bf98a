/** The scope of a call on a thread's own graph. */
import { type PauseOptions, pausesOf } from '../superstep/pause.js';
import { runOn } from './loop.js';
import { DEFAULT_MAX_SUPERSTEPS, type RunOptions } from './options.js';
import { RememberedChildren } from './remembered-children.js';
import type { RunScope } from './run-scope.js';

/** @param options - of a run; none for a call that runs no node. */
export function threadScope(
  parts: Pick<RunScope, 'graph' | 'threadId' | 'metadata' | 'storage' | 'signal' | 'drain' | 'events'>,
  options: PauseOptions & Pick<RunOptions, 'maxSupersteps' | 'maxConcurrency'> = {},
): RunScope {
  return {
    ...parts,
    maxSupersteps: options.maxSupersteps ?? DEFAULT_MAX_SUPERSTEPS,
    maxConcurrency: options.maxConcurrency ?? Number.POSITIVE_INFINITY,
    pauses: pausesOf(parts.graph.definition.pauses, options),
    remembered: new RememberedChildren(),
    runOn,
  };
}
