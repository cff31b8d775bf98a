/**
 * How `Checkpointer.save` goes: from a remembered head in one call of the saver, else after reading the head.
 *
 * One promise holds for both: a save does what it would do had it read the head first. A remembered head that is no longer
 * the head makes the commit a conflict, in which nothing is stored; then the head is read and the state derived anew, once.
 * Whatever made a commit fail, what was remembered of the stream is forgotten, as it may have been stored all the same.
 */
import type { StreamAddress } from '../address.js';
import type { Clock } from '../clock.js';
import { hasCode } from '../errors/checkpoint-error.js';
import { CheckpointNotFoundError } from '../errors/storage-errors.js';
import type { CheckpointCommit } from '../records.js';
import type { CheckpointSaver } from '../saver.js';
import { channelsOf } from './commit.js';
import { getWithKeys } from './read.js';
import type { RememberedHeads, SaveBase } from './remembered-heads.js';
import type { RowCodec } from './row-codec.js';
import {
  changesOf,
  changesOfStored,
  checkParent,
  checkSave,
  type DerivedSave,
  deriveSave,
  draftFirst,
  encodeState,
  keepState,
  type Payloads,
  type SaveRequest,
  stateOf,
} from './save.js';
import { put } from './traced-saver.js';

export class StateSaver {
  readonly #codec: RowCodec;
  readonly #clock: Clock;
  readonly #saver: CheckpointSaver;
  readonly #heads: RememberedHeads;
  readonly #originOf: (stream: StreamAddress) => Promise<string | undefined>;

  /** @param originOf - what a stream that begins in a thread is bound to. */
  constructor(
    codec: RowCodec,
    clock: Clock,
    saver: CheckpointSaver,
    heads: RememberedHeads,
    originOf: (stream: StreamAddress) => Promise<string | undefined>,
  ) {
    this.#codec = codec;
    this.#clock = clock;
    this.#saver = saver;
    this.#heads = heads;
    this.#originOf = originOf;
  }

  /** Takes the values before it first waits: what the caller does to them afterwards has no effect. */
  async save(request: SaveRequest): Promise<CheckpointCommit> {
    checkSave(request);
    const base = this.#rememberedBase(request);
    if (base === undefined) {
      const values = channelsOf(request.values);
      return this.#saveAfterRead(request, encodeState(this.#codec, values), keepState(this.#codec, values));
    }
    const changes = changesOf(this.#codec, request, base);
    const state = stateOf(request, base, changes);
    const key = this.#codec.fetchCurrentKey();
    if (key !== undefined) await key;
    try {
      return await this.#put(deriveSave(this.#codec, this.#clock, request, state, base, changes.drafts));
    } catch (error) {
      if (!hasCode(error, 'CAIRN_CHECKPOINT_CONFLICT')) throw error;
      return this.#saveAfterRead(request, encodeState(this.#codec, state), state);
    }
  }

  /** Undefined where another checkpoint is asked for: the store may know it though nothing here does. */
  #rememberedBase({ threadId, namespace = [], parentId }: SaveRequest): SaveBase | undefined {
    const base = this.#heads.find({ threadId, namespace });
    return parentId === undefined || parentId === base?.checkpointId ? base : undefined;
  }

  async #saveAfterRead(
    request: SaveRequest,
    state: Payloads,
    own: ReadonlyMap<string, unknown>,
  ): Promise<CheckpointCommit> {
    const { threadId, namespace = [], parentId, fork = false } = request;
    const stored = await getWithKeys(this.#codec, this.#saver, {
      threadId,
      namespace,
      checkpointId: fork ? parentId : undefined,
    });
    if (fork && parentId !== undefined && stored === undefined)
      throw new CheckpointNotFoundError(threadId, parentId, { namespace });
    checkParent(request, stored);
    const key = this.#codec.fetchCurrentKey();
    if (key !== undefined) await key;
    if (stored) {
      const { base, drafts } = changesOfStored(this.#codec, state, stored, fork);
      return this.#put(deriveSave(this.#codec, this.#clock, request, state, base, drafts));
    }
    const origin = await this.#originOf({ threadId, namespace });
    return this.#put(deriveSave(this.#codec, this.#clock, request, state, undefined, draftFirst(state, own), origin));
  }

  async #put({ commit, nextBase }: DerivedSave): Promise<CheckpointCommit> {
    try {
      await put(this.#saver, commit);
    } catch (error) {
      this.#heads.forget(commit);
      throw error;
    }
    if (this.#heads.isOn) this.#heads.remember(commit, nextBase());
    return commit;
  }
}
