/** Saving the whole state of a thread, for people with a loop of their own. */
import type { CheckpointId, Namespace } from '../address.js';
import type { CheckpointBody, Metadata } from '../checkpoint-body.js';
import type { Clock } from '../clock.js';
import { isPlainObject } from '../encoding/standard-prototype.js';
import { quoteId } from '../errors/checkpoint-error.js';
import { CheckpointConflictError } from '../errors/conflict-errors.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { type CheckpointCommit, type StoredCheckpoint, type ThreadStatus, threadStatuses } from '../records.js';
import { buildCommit, type CommitBase, encodeChanges, type Payloads } from './commit.js';
import { currentRecords, openInfo } from './read.js';
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

/** Encodes the state at once, so that what the caller does to it afterwards has no effect. */
export function encodeState(codec: RowCodec, request: SaveRequest): Payloads {
  if (!isPlainObject(request.values)) {
    throw new InvalidArgumentError(
      `values must be a plain object that holds the state of thread ${quoteId(request.threadId)} by channel, not an array, ` +
        'a Map or an instance of a class.',
    );
  }
  return encodeChanges(codec, request.values);
}

/** The commit that stores the state after `base`: only the channels whose bytes differ from the base's. */
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
  const payloads = stored ? changedPayloads(codec, state, stored) : state;
  const removes = base ? [...base.versions.keys()].filter((channel) => !state.has(channel)) : [];
  const consumes = fork ? [] : 'all';
  return buildCommit(codec, clock, {
    threadId,
    namespace,
    base,
    fork,
    payloads,
    removes,
    body,
    status,
    consumes,
    lease,
    origin,
  });
}

function changedPayloads(codec: RowCodec, state: Payloads, stored: StoredCheckpoint): Payloads {
  const records = currentRecords(stored);
  const changed = new Map<string, Uint8Array>();
  for (const [channel, payload] of state) {
    const record = records.get(channel);
    if (record === undefined || !codec.holds(stored.header, record, payload)) changed.set(channel, payload);
  }
  return changed;
}
