/** Saving the whole state of a thread, for people with a loop of their own: what is asked, and what it comes to. */
import type { CheckpointId, Namespace } from '../address.js';
import type { CheckpointBody, Metadata } from '../checkpoint-body.js';
import type { Clock } from '../clock.js';
import type { Chain } from '../delta/chain.js';
import { draftFull } from '../delta/draft.js';
import { keep, keepOwn } from '../delta/keep.js';
import { endEpoch } from '../delta/kept.js';
import { isPlainObject } from '../encoding/standard-prototype.js';
import { quoteId } from '../errors/checkpoint-error.js';
import { CheckpointConflictError } from '../errors/conflict-errors.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { type CheckpointCommit, type StoredCheckpoint, type ThreadStatus, threadStatuses } from '../records.js';
import {
  buildCommit,
  type Changes,
  type Draft,
  type Drafts,
  draftChange,
  encodeChanges,
  nextChains,
  storedValue,
} from './commit.js';
import { isSmall } from './header-content.js';
import { openChain } from './open-chain.js';
import { checkHead, openInfo, recordsByChannel } from './read.js';
import type { SaveBase } from './remembered-heads.js';
import type { RowCodec } from './row-codec.js';
import { checkStatus } from './threads.js';

export interface SaveRequest {
  readonly threadId: string;
  /** Default `[]`, the root. */
  readonly namespace?: Namespace | undefined;
  /** The whole state, by channel: a channel that is not named is gone. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly metadata?: Metadata | undefined;
  /**
   * The checkpoint this state was made from. Given, the save is a compare-and-set: a thread that has moved on since is
   * a conflict. With `fork` it may be older than the head, and the save begins a new branch.
   */
  readonly parentId?: CheckpointId | undefined;
  readonly fork?: boolean | undefined;
  /** Default `completed`. */
  readonly status?: ThreadStatus | undefined;
  /** The token of the caller's lease. */
  readonly lease?: string | undefined;
}

/** A state's values, encoded. */
export type Payloads = ReadonlyMap<string, Uint8Array>;

/** What a save commits, and what the stream's head is once it is committed. */
export interface DerivedSave {
  readonly commit: CheckpointCommit;
  /** Made when it is asked for, so that the differences to come know what was committed when. */
  nextBase(): SaveBase;
}

/** @throws InvalidArgumentError */
export function checkSave({ threadId, values, status = 'completed' }: SaveRequest): void {
  checkStatus(status, threadStatuses);
  if (isPlainObject(values)) return;
  throw new InvalidArgumentError(
    `values must be a plain object that holds the state of thread ${quoteId(threadId)} by channel, not an array, ` +
      'a Map or an instance of a class.',
  );
}

/** Encodes the state at once, so that what the caller does to it afterwards has no effect. */
export function encodeState(codec: RowCodec, values: Iterable<readonly [string, unknown]>): Payloads {
  const payloads = new Map<string, Uint8Array>();
  for (const [channel, value] of values) payloads.set(channel, codec.encode(channel, value, channel));
  return payloads;
}

/** A whole state from what it changes of a base: the changed values, and the base's where nothing changed. */
export function stateOf(request: SaveRequest, base: SaveBase, { values }: Changes): ReadonlyMap<string, unknown> {
  const state = new Map<string, unknown>();
  for (const channel of Object.keys(request.values)) {
    state.set(channel, values.has(channel) ? values.get(channel) : storedValue(channel, base));
  }
  return state;
}

/**
 * The commit that stores the changes after a base.
 *
 * @param state - the channels that the state has.
 */
export function deriveSave(
  codec: RowCodec,
  clock: Clock,
  request: Omit<SaveRequest, 'values'>,
  state: ReadonlyMap<string, unknown>,
  base: SaveBase | undefined,
  drafts: Drafts,
  origin?: string,
): DerivedSave {
  const { threadId, namespace, metadata = {}, fork, status = 'completed', lease } = request;
  const body: CheckpointBody = { source: 'save', metadata, tasks: [], trail: [], pins: [] };
  const removes = base ? [...base.versions.keys(), ...base.small.keys()].filter((channel) => !state.has(channel)) : [];
  const consumes = fork ? [] : 'all';
  const { commit, versions, small } = buildCommit(codec, clock, {
    ...{ threadId, namespace, base, fork, drafts, removes, body, status, consumes, lease, origin },
  });
  const { checkpointId, seq } = commit;
  const nextBase = (): SaveBase => {
    const chains = nextChains(base, drafts, removes, seq);
    return { checkpointId, seq, head: { checkpointId, seq }, origin: commit.origin, versions, small, chains };
  };
  return { commit, nextBase };
}

/** What the state changes of a base that is at hand. */
export function changesOf(codec: RowCodec, request: SaveRequest, base: SaveBase): Changes {
  return encodeChanges(codec, { changes: request.values, base, fork: request.fork });
}

/** What the state changes of a stored checkpoint, and that checkpoint as a base. */
export function changesOfStored(
  codec: RowCodec,
  state: Payloads,
  stored: StoredCheckpoint,
  fork: boolean,
): { readonly base: SaveBase; readonly drafts: Drafts } {
  const info = openInfo(codec, stored.header);
  checkHead(stored);
  const chains = new Map<string, Chain>();
  const known = recordsByChannel(stored);
  for (const [channel, records] of known)
    if (state.has(channel)) chains.set(channel, openChain(codec, stored.header, records));
  endEpoch();
  const values = { chains, small: info.small };
  const drafts = new Map<string, Draft>();
  for (const [channel, payload] of state) {
    const last = known.get(channel)?.at(-1);
    if (last && codec.holds(stored.header, last, payload)) continue;
    const value = keepOwn(codec.decode(payload), storedValue(channel, values), codec.copierFor(channel));
    const draft = draftChange(codec, channel, value, fork, values);
    if (draft) drafts.set(channel, draft);
  }
  const { checkpointId, seq } = stored.head;
  return { base: { ...info, head: { checkpointId, seq }, chains }, drafts };
}

/**
 * The drafts of a thread's first state.
 *
 * @param own - the state's values, kept. Not decoded from their bytes: a text that is the caller's own is found equal by
 *   pointer the next time, and one that was decoded only by reading all of it.
 */
export function draftFirst(state: Payloads, own: ReadonlyMap<string, unknown>): Drafts {
  return new Map(
    Array.from(state, ([channel, payload]) => {
      const value = own.get(channel);
      return [channel, isSmall(value) ? { kind: 'small', value } : draftFull(value, payload)];
    }),
  );
}

/** Cairn's own copies of the values. */
export function keepState(codec: RowCodec, values: Iterable<readonly [string, unknown]>): ReadonlyMap<string, unknown> {
  return new Map(Array.from(values, ([channel, value]) => [channel, keep(value, undefined, codec.copierFor(channel))]));
}

/** @throws CheckpointConflictError when the save was made from another checkpoint than the head, and is no fork. */
export function checkParent(request: SaveRequest, stored: StoredCheckpoint | undefined): void {
  const { threadId, namespace, parentId, fork } = request;
  if (parentId === undefined || fork || stored?.head.checkpointId === parentId) return;
  throw new CheckpointConflictError(
    `The save was made from checkpoint ${quoteId(parentId)}, and the thread has moved on.`,
    { threadId, namespace, checkpointId: parentId, head: stored?.head },
  );
}
