/** What a run can be told, and its defaults. */
import { type CheckpointId, InvalidArgumentError, type Metadata, quoteId } from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import type { PauseOptions } from '../superstep/pause.js';
import type { OnBusy } from './acquire-lease.js';
import { checkDurability, type Durability } from './durability.js';

/** How a run gets hold of its thread. */
export interface LeaseOptions {
  /**
   * When another run holds the thread: `fail` at once (default), `wait` for it, or `replace` it: the other run ends with a
   * `LeaseLostError` and writes nothing more.
   */
  readonly onBusy?: OnBusy | undefined;
  /** How long `wait` waits before it fails, in milliseconds. Default 60,000. */
  readonly waitMs?: number | undefined;
  /**
   * How long the thread stays ours without a sign of life, in milliseconds: the time after which a dead runner's thread
   * can be taken up. Renewed at half of it. Default 30,000.
   */
  readonly leaseMs?: number | undefined;
  /** Cancels the run: it ends with a `RunCancelledError`, and the thread is listed as interrupted until it is resumed. */
  readonly signal?: AbortSignal | undefined;
}

/** What every run can be told. */
export interface RunOptions<Nodes extends string = string> extends LeaseOptions, PauseOptions<Nodes> {
  /** Attached to each checkpoint of the run; histories and thread lists are searched by its top-level pairs. */
  readonly metadata?: Metadata | undefined;
  /** When supersteps are stored, seen from the run: by default (`sync`) each before the next starts. */
  readonly durability?: Durability | undefined;
  /** The most supersteps this call runs before it gives up with a `SuperstepLimitError`. Default 1,000. */
  readonly maxSupersteps?: number | undefined;
  /**
   * The most tasks of one superstep that run at once, the others as these end, in fold order; in a sub-graph's run the same by
   * itself. Default: all.
   */
  readonly maxConcurrency?: number | undefined;
}

export interface InvokeOptions<Nodes extends string = string> extends RunOptions<Nodes> {
  /** Default: a new id, found in the result. */
  readonly threadId?: string;
  /**
   * Drops the tasks that the thread's last input has left to run, instead of refusing the new input. Default: only where
   * `onBusy: 'replace'` took the thread over from a run that lived.
   */
  readonly abandon?: boolean | undefined;
}

export interface ResumeOptions<Nodes extends string = string> extends RunOptions<Nodes> {
  readonly threadId: string;
  /** Replays from this checkpoint, as a fork: its tasks run again and ask again. */
  readonly checkpointId?: CheckpointId;
  /** The answer to the one open interrupt, whichever that is by then; `undefined` is none. Where two may answer: `answers`. */
  readonly answer?: unknown;
  /** Answers by interrupt id. */
  readonly answers?: Readonly<Record<string, unknown>> | undefined;
}

export const DEFAULT_LEASE_MS = 30_000;
export const DEFAULT_WAIT_MS = 60_000;
export const DEFAULT_MAX_SUPERSTEPS = 1_000;

/** @throws InvalidArgumentError for what types alone can't refuse. */
export function checkRunOptions({ nodes }: RunnableGraph, options: RunOptions): void {
  // A thread's id in their place would begin another thread.
  if (typeof options !== 'object' || options === null)
    refuse('The options of a run', options, 'an object, such as { threadId }');
  const { onBusy, durability, waitMs, leaseMs, maxSupersteps, maxConcurrency } = options;
  const { signal, interruptBefore, interruptAfter } = options;
  if (onBusy !== undefined && !['fail', 'wait', 'replace'].includes(onBusy))
    refuse('onBusy', onBusy, "'fail', 'wait' or 'replace'");
  checkDurability(durability);
  if (waitMs !== undefined && !(waitMs >= 0)) refuse('waitMs', waitMs, '0 or more');
  if (leaseMs !== undefined && !(leaseMs >= 1 && leaseMs < 2 ** 31)) refuse('leaseMs', leaseMs, 'from 1 to 2^31');
  if (maxSupersteps !== undefined && !(maxSupersteps >= 1)) refuse('maxSupersteps', maxSupersteps, '1 or more');
  if (maxConcurrency !== undefined && !(Number.isSafeInteger(maxConcurrency) && maxConcurrency >= 1))
    refuse('maxConcurrency', maxConcurrency, 'a whole number from 1 up');
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    refuse('signal', signal, 'an AbortSignal');
  checkPauses(nodes, 'interruptBefore', interruptBefore);
  checkPauses(nodes, 'interruptAfter', interruptAfter);
}

/** A stop at a node that does not exist would never come, and what was to be looked at first would run. */
function checkPauses(nodes: RunnableGraph['nodes'], option: string, asked: unknown): void {
  if (asked === undefined || asked === '*') return;
  if (!Array.isArray(asked)) refuse(option, asked, "an array of node names, or '*'");
  for (const name of asked)
    if (!nodes.has(name))
      throw new InvalidArgumentError(`${option} names ${quoteId(String(name))}, which is no node of the graph.`);
}

function refuse(option: string, value: unknown, range: string): never {
  throw new InvalidArgumentError(`${option} must be ${range}, not ${String(value)}.`);
}
