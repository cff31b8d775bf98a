/**
 * The keys of a task's pending writes: `kind/label`, and what each kind holds. An interrupt that was answered again has
 * `answer~2/label`, and so on.
 */
import type { ChildPin } from '@cairn/checkpoint-core';
import type { ErrorSummary } from '../errors/summary.js';

/** What was written under `update/0`: the task is finished. */
export interface FinishedTask extends NodeRun {
  /** The admitted updates, by channel, in the order in which the node returned them. */
  readonly updates: readonly Readonly<Record<string, unknown>>[];
  readonly goto: readonly StoredTarget[];
  /** Why its fallback ran in place of the node, where it did. */
  readonly fellBack?: ErrorSummary;
}

/** A node by name, or by a `Send` with its input, kept. */
export type StoredTarget = string | StoredSend;

export interface StoredSend {
  readonly node: string;
  readonly input: unknown;
}

/** A run of a task's node, retries included. */
export interface NodeRun {
  /** Milliseconds since 1970 by core's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Calls of the node's function. */
  readonly attempts: number;
  /** Where it left the sub-graphs that it called; absent when it called none. */
  readonly children?: readonly ChildRef[] | undefined;
}

/** A sub-graph's checkpoint, and the call that made it. */
export interface ChildRef extends ChildPin {
  readonly key: string;
}

/** What was written under `called/<key>`: a call that a run which was stopped has left open. */
export type OpenCall = Pick<ChildRef, 'key' | 'namespace' | 'remembers'>;

/** What was written under `interrupt/<label>`. */
export interface AskedInterrupt {
  readonly id: string;
  readonly label: string;
  readonly name: string;
  readonly payload: unknown;
  /** True when it was asked with a definition, whose schema its answer must fit. */
  readonly defined: boolean;
  /** How many its node had asked before it, answered ones included; absent where it was stored before this was. */
  readonly order?: number;
}

/** What was written under `answer/<label>`. */
export interface StoredAnswer {
  readonly value: unknown;
  /**
   * False when no definition, or more than one, was known where the answer came in: the node checks it then. One it
   * refuses is followed by `refused/<label>`, which opens the interrupt again.
   */
  readonly validated: boolean;
}

/** What was written under `error/<n>`: the n-th failure of the task. */
export interface StoredFailure extends NodeRun, ErrorSummary {}

export type WriteKind =
  | 'update'
  | 'step'
  | 'interrupt'
  | 'answer'
  | 'refused'
  | 'error'
  | 'suspended'
  | 'called'
  | 'resumed'
  | 'now'
  | 'cancelled'
  | 'continued'
  | 'recovered'
  | 'spared';

/** @param round - which answer to one interrupt it is about: 1, and one more for each that its node refused. */
export function writeKey(kind: WriteKind, label: string | number, round = 1): string {
  return round === 1 ? `${kind}/${label}` : `${kind}~${round}/${label}`;
}

export function parseWriteKey(key: string): { readonly kind: string; readonly label: string; readonly round: number } {
  const slash = key.indexOf('/');
  const [kind = '', round = 1] = key.slice(0, slash).split('~');
  return { kind, label: key.slice(slash + 1), round: Number(round) };
}

/** A step's label: its name, or name and key as JSON, so that no two pairs share one. */
export function stepLabel(name: string, key: string | undefined): string {
  return key === undefined && !name.startsWith('[') ? name : JSON.stringify(key === undefined ? [name] : [name, key]);
}
