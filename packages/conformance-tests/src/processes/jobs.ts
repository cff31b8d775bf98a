/** What a case may ask another process to do, as messages. They are cloned on their way, so bytes stay bytes. */
import type { CheckpointSaver, StreamAddress } from '@cairn/checkpoint-core';

/** A call of one method, as data. */
export interface MethodCall {
  readonly method: Exclude<keyof CheckpointSaver, 'capabilities' | 'list' | 'listThreads' | symbol>;
  readonly args: readonly unknown[];
}

/** Calls of one sort that are made one after the other; other lanes go on meanwhile. */
export interface Lane {
  readonly name: string;
  readonly calls: readonly MethodCall[];
}

export type Job =
  /** Makes all calls at once; the outcomes come in their order. */
  | { readonly kind: 'call'; readonly calls: readonly MethodCall[] }
  /** Adds 1 to the number in the stream's head, so often, each time from what it reads; conflicts are tried again. */
  | { readonly kind: 'increment'; readonly stream: StreamAddress; readonly count: number; readonly name: string }
  /** Plays all lanes at once, and acknowledges each call once the saver has. */
  | { readonly kind: 'play'; readonly lanes: readonly Lane[] };

/** What came of a call in another process: errors do not survive the way, their codes do. */
export type CallOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string | undefined; readonly message: string };

export type ToWorker = { readonly id: number; readonly job: Job };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly outcomes: readonly CallOutcome[] }
  | { readonly kind: 'acknowledged'; readonly lane: string };

/** What a worker is started with. */
export interface WorkerSettings {
  readonly module: string;
  readonly location: unknown;
  /** The mutant whose defect its saver has, for tests of the suite itself. */
  readonly mutant?: string | undefined;
}
