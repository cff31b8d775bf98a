/**
 * The storage of a run at its durability: decides when a superstep reaches the store, and keeps the order in which things
 * get there. What is written, and whether it still may be, is decided in leased-storage.
 *
 * The run goes on from provisional checkpoints. Before anything is written on one, it and all that were given before it
 * are stored, oldest first; so no write ever rests on a checkpoint that the store does not have.
 */
import {
  type CheckpointAddress,
  type CheckpointInfo,
  type CheckpointSnapshot,
  type Clock,
  crashPoint,
  namespaceKey,
  newCheckpointId,
  type StreamAddress,
  type TaskTrail,
  type ValueKeeper,
} from '@cairn/checkpoint-core';
import type { Pace } from './durability.js';
import type { LeasedStorage } from './leased-storage.js';
import { provisionalSnapshot } from './provisional-snapshot.js';
import type { RunCommit, RunStorage, RunWrite } from './run-storage.js';

/** A checkpoint that the run has gone on from before it was stored. */
interface Held {
  /** Follows a stored checkpoint. */
  readonly request: RunCommit & { readonly checkpointId: string };
  /** What all its supersteps leave in history. */
  readonly trail: TaskTrail[];
  /** How many supersteps it stands for. */
  readonly supersteps: number;
  /** True once its commit has begun, or something is to be recorded on it: then it takes in no further superstep. */
  begun: boolean;
  /** The checkpoint as the store has it. */
  stored: CheckpointSnapshot | undefined;
  /** Whom to tell then. */
  onStored: ((stored: CheckpointSnapshot) => Promise<void> | undefined) | undefined;
}

/** A finished task's update that is to be recorded: after the checkpoint it is written on, and before what follows that. */
interface HeldWrite {
  readonly write: RunWrite;
}

export class PacedStorage implements RunStorage {
  readonly durable = true;
  readonly clock: Clock;
  readonly keeper: ValueKeeper;
  readonly #store: LeasedStorage;
  readonly #pace: Pace;
  readonly #fail: (error: unknown) => void;
  /** In the order they are to be stored: a sub-graph's before that of its parent which pins it. */
  readonly #held = new Set<Held | HeldWrite>();
  readonly #byProvisional = new WeakMap<object, Held>();
  /** The writes under way and behind it, one after another; rejected for good once one has failed. */
  #queue: Promise<void> | undefined;

  /** @param fail - ends the run with the error of a write that nobody waits for. */
  constructor(store: LeasedStorage, pace: Pace, fail: (error: unknown) => void) {
    this.#store = store;
    this.#pace = pace;
    this.#fail = fail;
    this.clock = store.clock;
    this.keeper = store.keeper;
  }

  get fence(): number {
    return this.#store.fence;
  }

  read(address: CheckpointAddress): Promise<CheckpointSnapshot | undefined> {
    return this.#store.read(address);
  }

  infos(stream: StreamAddress): AsyncIterable<CheckpointInfo> {
    return this.#store.infos(stream);
  }

  commit(request: RunCommit): Promise<CheckpointSnapshot> {
    // Nothing was held yet, as a queue stays once there was one: there is nothing to wait for, and no checkpoint that is
    // another one in the store.
    const isPlain = this.#held.size === 0 && this.#queue === undefined;
    return isPlain ? this.#store.commit(request) : this.#commitAfterHeld(request);
  }

  async #commitAfterHeld(request: RunCommit): Promise<CheckpointSnapshot> {
    await this.flush();
    const base = this.#storedBase(request.base);
    // Awaited: a promise that is returned costs two turns more.
    return await this.#store.commit(base === request.base ? request : { ...request, base });
  }

  advance(request: RunCommit): Promise<CheckpointSnapshot> {
    const { waits, every } = this.#pace;
    return waits && every === 1 ? this.commit(request) : this.#advanceHeld(request);
  }

  async #advanceHeld(request: RunCommit): Promise<CheckpointSnapshot> {
    const { waits, every } = this.#pace;
    const before = this.#heldFor(request.base);
    // Back-pressure: a commit that is under way is waited for, as it takes in no further superstep.
    while (before?.begun && before.stored === undefined) await this.#queue;
    const { held, provisional } = this.#hold(request, before);
    if (!waits) void this.#enqueue(() => this.#storeHeld()).catch(this.#fail);
    else if (held.supersteps >= every) await this.flush();
    return provisional;
  }

  whenStored(base: CheckpointSnapshot, onStored: NonNullable<Held['onStored']>): boolean {
    const held = this.#heldFor(base);
    if (held === undefined || held.stored) return false;
    held.onStored = onStored;
    return true;
  }

  async record(request: RunWrite): Promise<void> {
    await this.flush();
    await this.#store.record({ ...request, base: this.#storedBase(request.base) });
  }

  async recordFinished(request: RunWrite): Promise<boolean> {
    const { waits, every } = this.#pace;
    if (waits && every > 1) return false;
    if (waits) {
      await this.#store.record(request);
      return true;
    }
    // In line with the checkpoints, since another sub-graph's storing may take along whatever is held by then.
    const base = this.#heldFor(request.base);
    if (base) base.begun = true;
    this.#held.add({ write: request });
    void this.#enqueue(() => this.#storeHeld()).catch(this.#fail);
    return true;
  }

  async recordLast(request: RunWrite): Promise<void> {
    await this.close();
    // What it names, such as where it left a sub-graph, may be what could not be stored.
    if (!this.#store.letClose()) return;
    await this.#store.record({ ...request, base: this.#storedBase(request.base) }).catch(() => undefined);
  }

  async flush(): Promise<void> {
    if (this.#held.size > 0) await this.#enqueue(() => this.#storeHeld());
    else await this.#queue;
  }

  /**
   * Waits for the queue; for a task's own writes the task waits. Stores what a cancelled run has left, but nothing once a
   * write has failed: what the store has then is not known. An error here is not thrown, since the one that the run ends
   * with says more.
   */
  async close(): Promise<void> {
    await this.#queue?.catch(() => undefined);
    if (this.#store.letClose()) await this.#storeHeld().catch(() => undefined);
  }

  #enqueue(write: () => Promise<void>): Promise<void> {
    const queue = this.#queue === undefined ? write() : this.#queue.then(write);
    // Whoever waits for the queue is told; that somebody does is not for sure.
    queue.catch(() => undefined);
    this.#queue = queue;
    return queue;
  }

  async #storeHeld(): Promise<void> {
    // A Set's iteration goes on over what is added during it.
    for (const held of this.#held) {
      if ('write' in held) await this.#recordHeld(held);
      else await this.#commitHeld(held);
    }
  }

  async #recordHeld(held: HeldWrite): Promise<void> {
    await this.#store.record({ ...held.write, base: this.#storedBase(held.write.base) });
    this.#held.delete(held);
  }

  async #commitHeld(held: Held): Promise<void> {
    held.begun = true;
    const { request, trail } = held;
    held.stored = await this.#store.commit({ ...request, body: { ...request.body, trail } });
    this.#held.delete(held);
    crashPoint('runtime:held-committed');
    await held.onStored?.(held.stored);
  }

  /** Adds a superstep to what is to be stored: to the checkpoint it follows, where that is not stored either. */
  #hold(
    request: RunCommit,
    before: Held | undefined,
  ): { readonly held: Held; readonly provisional: CheckpointSnapshot } {
    const { checkpointId = newCheckpointId(this.clock) } = request;
    const own = { ...request, base: before?.stored ?? request.base, checkpointId };
    const open = before !== undefined && before.stored === undefined ? before : undefined;
    if (open) this.#held.delete(open);
    const trail = open?.trail ?? [];
    trail.push(...request.body.trail);
    const held: Held = {
      request: open ? merged(open.request, own) : own,
      trail,
      supersteps: (open?.supersteps ?? 0) + 1,
      begun: false,
      stored: undefined,
      onStored: undefined,
    };
    const provisional = provisionalSnapshot(held.request, this.clock);
    this.#held.add(held);
    this.#byProvisional.set(provisional, held);
    return { held, provisional };
  }

  #heldFor(base: object | undefined): Held | undefined {
    return base && this.#byProvisional.get(base);
  }

  #storedBase<Base extends RunCommit['base'] | RunWrite['base']>(base: Base): Base {
    // What a provisional checkpoint became is a snapshot, as it was.
    return (this.#heldFor(base)?.stored as Base | undefined) ?? base;
  }
}

/** Two supersteps as one commit, after the checkpoint that the first follows. */
function merged(before: Held['request'], after: Held['request']): Held['request'] {
  // Nothing was recorded on a checkpoint that was never stored, so there is nothing more to consume.
  const { base, consumes } = before;
  const changes = { ...before.changes, ...after.changes };
  for (const channel of after.removes ?? []) delete changes[channel];
  const removes = [...(before.removes ?? []), ...(after.removes ?? [])].filter((name) => !Object.hasOwn(changes, name));
  if (before.asked === undefined) return { ...after, base, consumes, changes, removes };
  // The later pin of a stream is where it stands.
  const pinned = new Set(after.body.pins.map(({ namespace }) => namespaceKey(namespace)));
  const asked = before.asked.filter(({ namespace }) => !pinned.has(namespaceKey(namespace)));
  const body = { ...after.body, pins: [...asked, ...after.body.pins] };
  return { ...after, base, consumes, changes, removes, body, asked: [...asked, ...(after.asked ?? [])] };
}
