/** Saving the whole state of a thread, for people with a loop of their own. */
import type { CheckpointId, Namespace } from '../address.js';
import type { CheckpointBody, Metadata } from '../checkpoint-body.js';
import type { Clock } from '../clock.js';
import { draftFull, type RecordDraft } from '../delta/draft.js';
import { keepOwn } from '../delta/keep.js';
import { isPlainObject } from '../encoding/standard-prototype.js';
import { quoteId } from '../errors/checkpoint-error.js';
import { CheckpointConflictError } from '../errors/conflict-errors.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { type CheckpointCommit, type StoredCheckpoint, type ThreadStatus, threadStatuses } from '../records.js';
import { buildCommit, type CommitBase, channelsOf, type Drafts, draftChange } from './commit.js';
import { openChain } from './open-chain.js';
import { openInfo, recordsByChannel } from './read.js';
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

/** Encodes the state at once, so that what the caller does to it afterwards has no effect. */
export function encodeState(codec: RowCodec, request: SaveRequest): Payloads {
  if (!isPlainObject(request.values)) {
    throw new InvalidArgumentError(
      `values must be a plain object that holds the state of thread ${quoteId(request.threadId)} by channel, not an array, ` +
        'a Map or an instance of a class.',
    );
  }
  const payloads = new Map<string, Uint8Array>();
  for (const [channel, value] of channelsOf(request.values)) {
    payloads.set(channel, codec.encode(channel, value, channel));
  }
  return payloads;
}

/** The commit that stores the state after what is stored: of the channels that differ, what differs. */
export function buildSave(
  codec: RowCodec,
  clock: Clock,
  request: SaveRequest,
  state: Payloads,
  stored: StoredCheckpoint | undefined,
  origin: string | undefined,
): CheckpointCommit {
  const { threadId, namespace, metadata = {}, parentId, fork, status = 'completed', lease } = request;
  checkStatus(status, threadStatuses);
  if (parentId !== undefined && !fork && stored?.head.checkpointId !== parentId) {
    throw new CheckpointConflictError(
      `The save was made from checkpoint ${quoteId(parentId)}, and the thread has moved on.`,
      { threadId, namespace, checkpointId: parentId, head: stored?.head },
    );
  }
  const base: CommitBase | undefined = stored && { ...openInfo(codec, stored.header), head: stored.head };
  const body: CheckpointBody = { source: 'save', metadata, tasks: [], trail: [], pins: [] };
  const drafts = draftSave(codec, state, stored, fork ?? false);
  const removes = base ? [...base.versions.keys()].filter((channel) => !state.has(channel)) : [];
  const consumes = fork ? [] : 'all';
  return buildCommit(codec, clock, {
    threadId,
    namespace,
    base,
    fork,
    drafts,
    removes,
    body,
    status,
    consumes,
    lease,
    origin,
  });
}

function draftSave(codec: RowCodec, state: Payloads, stored: StoredCheckpoint | undefined, fork: boolean): Drafts {
  const records = stored && recordsByChannel(stored);
  const drafts = new Map<string, RecordDraft>();
  for (const [channel, payload] of state) {
    const known = records?.get(channel);
    const last = known?.at(-1);
    if (stored === undefined || known === undefined || last === undefined) {
      drafts.set(channel, draftFull(undefined, payload));
    } else if (!codec.holds(stored.header, last, payload)) {
      const chain = openChain(codec, stored.header, known);
      const value = keepOwn(codec.decode(payload), chain.at(-1)?.value, codec.copierFor(channel));
      const draft = draftChange(codec, channel, value, chain, fork);
      if (draft) drafts.set(channel, draft);
    }
  }
  return drafts;
}
