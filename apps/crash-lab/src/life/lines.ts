/**
 * What a worker tells the lab, one JSON line each, written to the pipe before it goes on: a line that was sent is read by
 * the lab even if the worker dies the next instant.
 */
import type { Namespace } from '@cairn/checkpoint-core';

/** A change of the store that is asked for, with what identifies its outcome. */
export type Change =
  | {
      readonly method: 'put';
      readonly threadId: string;
      readonly namespace: Namespace;
      readonly checkpointId: string;
      readonly seq: number;
      readonly parentId: string | undefined;
      readonly consumes: 'all' | readonly string[];
      readonly fork: boolean;
      /** Of the header's bytes, its clear fields and every record it wrote. */
      readonly print: string;
      readonly records: readonly string[];
    }
  | {
      readonly method: 'put-writes';
      readonly threadId: string;
      readonly namespace: Namespace;
      readonly checkpointId: string;
      readonly taskId: string;
      /** Key and print of each write. */
      readonly writes: readonly (readonly [key: string, print: string])[];
    }
  | { readonly method: 'prune'; readonly threadId: string; readonly drop: readonly string[] }
  | { readonly method: 'delete'; readonly threadId: string }
  | { readonly method: 'copy'; readonly threadId: string; readonly to: string }
  | { readonly method: 'restore'; readonly threadId: string; readonly from: string }
  | { readonly method: 'replace'; readonly threadId: string }
  | { readonly method: 'lease'; readonly threadId: string };

/** Whether a change is stored; of a prune that was stopped between its transactions, the ids that are gone. */
export type Outcome = boolean | readonly string[];

export type Line =
  /** About to call the saver. */
  | { readonly say: 'try'; readonly n: number; readonly change: Change }
  /** The saver acknowledged; for a lease that was granted with its fence. */
  | { readonly say: 'done'; readonly n: number; readonly fence?: number }
  /** The saver refused, and promised to have stored nothing. */
  | { readonly say: 'refused'; readonly n: number; readonly code: string }
  /** A step returned, so its result is on disk: its effect must not happen again. */
  | { readonly say: 'recorded'; readonly step: string }
  /** A node began: the commit it follows was acknowledged. */
  | { readonly say: 'began'; readonly threadId: string }
  /** A thread has come to its end. */
  | { readonly say: 'ended'; readonly threadId: string; readonly shape: string; readonly end: unknown }
  /** What was found after the last kill, before anything was done. */
  | {
      readonly say: 'found';
      readonly settled: readonly (readonly [n: number, stored: Outcome])[];
      readonly steps: readonly string[];
      readonly checkpoints: number;
    }
  /** A promise was broken. */
  | { readonly say: 'broken'; readonly what: string };
