/**
 * Mends damaged threads: what they were goes to a quarantine, whole and durably, and only then do the rows that are whole
 * take their place, in one transaction. Killed at any point it leaves the old thread or the new one.
 */
import { randomUUID } from 'node:crypto';
import { checkThreadId } from '../address.js';
import { holdLease } from '../checkpointer/held-lease.js';
import type { RowCodec } from '../checkpointer/row-codec.js';
import { type StoreFault, verifyRows } from '../checkpointer/verify.js';
import { crashPoint } from '../crash-point.js';
import { hasCode, quoteId } from '../errors/checkpoint-error.js';
import { CorruptCheckpointError, NoWholeCheckpointError } from '../errors/encoding-errors.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import type { Lease } from '../lease.js';
import type { RawRecord } from '../records.js';
import type { MaintainableSaver } from '../saver.js';
import type { Judgement, MendedHead } from './judgement.js';
import type { Quarantine } from './quarantine.js';
import { ReadableRows } from './readable-rows.js';
import { judgeRows } from './salvage.js';
import type { SetAsideRow } from './set-aside.js';

export interface RepairRequest {
  /** Only this thread; default all. */
  readonly threadId?: string | undefined;
  /** Where what is set aside goes. Without one nothing is changed, and the reports say what would be. */
  readonly quarantine?: Quarantine | undefined;
}

/** What a repair did, or would do, with one damaged thread. */
export interface RepairedThread {
  readonly threadId: string;
  /**
   * `planned`: without a quarantine nothing was changed. `repaired`: the thread is what of it is whole. `removed`: there were
   * only rows that belong to nothing. `refused`: nothing was changed, and `refusal` says why.
   */
  readonly outcome: 'planned' | 'repaired' | 'removed' | 'refused';
  /** What `verify` found. */
  readonly faults: readonly StoreFault[];
  /** The rows that are no longer there as they were, each with its reason; of all others not a byte has changed. */
  readonly setAside: readonly SetAsideRow[];
  /** How many more rows the thread counted than were there. */
  readonly missingRows: number;
  /** Where each stream ends now; what it said before beside it. */
  readonly heads: readonly MendedHead[];
  /** Where all rows of the thread as it was lie, the damaged ones and the others. */
  readonly quarantine: string | undefined;
  readonly refusal: Error | undefined;
  /** What `verify` still finds afterwards: nothing, but for what came to it since. */
  readonly left: readonly StoreFault[];
}

const ttlMs = 60_000;

interface Findings extends Pick<RepairedThread, 'faults' | 'refusal'> {
  readonly judgement?: Judgement;
  readonly quarantine?: string;
  readonly left?: readonly StoreFault[];
}

/** @throws what the saver and the quarantine throw, but for damage; the thread at hand is then as it was. */
export async function* repairThreads(
  codec: RowCodec,
  saver: MaintainableSaver,
  { threadId, quarantine }: RepairRequest,
): AsyncGenerator<RepairedThread, void, undefined> {
  if (threadId !== undefined) checkThreadId(threadId);
  const found = new Set<string>();
  for await (const fault of verifyRows(codec, saver, threadId)) found.add(fault.threadId);
  for (const id of found) {
    const repair = new ThreadRepair(codec, saver, id);
    const report = await (quarantine ? repair.run(quarantine) : repair.plan());
    if (report) yield report;
  }
}

class ThreadRepair {
  readonly #codec: RowCodec;
  readonly #saver: MaintainableSaver;
  readonly #threadId: string;
  readonly #rows: ReadableRows;

  constructor(codec: RowCodec, saver: MaintainableSaver, threadId: string) {
    this.#codec = codec;
    this.#saver = saver;
    this.#threadId = threadId;
    this.#rows = new ReadableRows(codec, saver, threadId);
  }

  async plan(): Promise<RepairedThread | undefined> {
    const look = await this.#look();
    return look && this.#report(look.refusal ? 'refused' : 'planned', look);
  }

  async run(quarantine: Quarantine): Promise<RepairedThread | undefined> {
    const holder = `repair ${randomUUID()}`;
    let lease: Lease;
    try {
      // Nobody writes to the thread between the first look at it and the last.
      lease = await this.#saver.acquireLease(this.#threadId, { holder, ttlMs });
    } catch (error) {
      if (!hasCode(error, 'CAIRN_THREAD_BUSY')) throw error;
      return this.#report('refused', { faults: await this.#verify(), refusal: error });
    }
    // A thread of a million rows is looked at for longer than a lease lasts. One that is lost shows when it is used.
    return await holdLease(this.#saver, lease, ttlMs, () => this.#repair(quarantine, lease));
  }

  async #repair(quarantine: Quarantine, lease: Lease): Promise<RepairedThread | undefined> {
    const look = await this.#look();
    if (look === undefined) return undefined;
    if (look.refusal) return this.#report('refused', look);
    const { judgement } = look;
    let where: string;
    try {
      where = await quarantine.keep(this.#leased(lease));
    } catch (error) {
      if (!hasCode(error, 'CAIRN_LEASE_LOST')) throw error;
      return this.#report('refused', { ...look, refusal: error });
    }
    crashPoint('repair:quarantined');
    try {
      await this.#saver.restore(this.#threadId, judgement.mend(this.#leased(lease)), lease.token);
    } catch (error) {
      return this.#report('refused', { ...look, refusal: this.#whyNotRestored(error), quarantine: where });
    }
    crashPoint('repair:restored');
    const left = await this.#verify();
    return this.#report(judgement.heads.length > 0 ? 'repaired' : 'removed', { ...look, quarantine: where, left });
  }

  /** @throws the error itself, where it is about more than this thread. */
  #whyNotRestored(error: unknown): Error {
    const details = { threadId: this.#threadId, cause: error };
    if (hasCode(error, 'CAIRN_LEASE_LOST')) return error;
    if (hasCode(error, 'CAIRN_THREAD_EXISTS'))
      return new InvalidArgumentError("This saver's `restore` does not take a lease yet: update it.", details);
    if (!hasCode(error, 'CAIRN_CORRUPT_CHECKPOINT')) throw error;
    return new CorruptCheckpointError(
      `${error.message} Something has removed rows of it while it was repaired, such as a prune, and it was left so: repair it again.`,
      details,
    );
  }

  /** Undefined when the thread is whole after all: what was committed while it was looked at may have looked like a fault. */
  async #look(): Promise<(Findings & { readonly judgement: Judgement }) | undefined> {
    const faults = await this.#verify();
    if (faults.length === 0) return undefined;
    const judgement = await judgeRows(this.#codec, this.#threadId, this.#rows);
    return { faults, judgement, refusal: this.#refusal(faults, judgement) };
  }

  async #verify(): Promise<StoreFault[]> {
    const faults: StoreFault[] = [];
    for await (const fault of verifyRows(this.#codec, this.#saver, this.#threadId)) faults.push(fault);
    return faults;
  }

  /** Why the thread is better left as it is. */
  #refusal(faults: readonly StoreFault[], judgement: Judgement): Error | undefined {
    const { unreadable } = this.#rows;
    if (judgement.unknown) return judgement.unknown;
    if (faults.every(isOtherIndex)) {
      const message = `Every row of thread ${quoteId(this.#threadId)} is whole, and only not found by its metadata, as it was stored with another encryption.indexKey: give that one, as \`indexKey\` or among \`oldIndexKeys\`.`;
      return new InvalidArgumentError(message, { threadId: this.#threadId });
    }
    if (unreadable) {
      const message = `${unreadable.message} What the saver can't show can't be set aside: salvage the thread into another.`;
      return new CorruptCheckpointError(message, { threadId: this.#threadId, cause: unreadable });
    }
    if (judgement.heads.length > 0 || judgement.isOrphans) return undefined;
    return new NoWholeCheckpointError(this.#threadId, judgement.setAside.length);
  }

  /** The thread's rows; the lease is the thread's still when the last of them has come. @throws LeaseLostError */
  async *#leased(lease: Lease): AsyncGenerator<RawRecord, void, undefined> {
    yield* this.#rows;
    await this.#saver.renewLease(lease, ttlMs);
  }

  #report(outcome: RepairedThread['outcome'], findings: Findings): RepairedThread {
    const { faults, judgement, quarantine, refusal, left = [] } = findings;
    const { setAside = [], missingRows = 0, heads = [] } = judgement ?? {};
    return { threadId: this.#threadId, outcome, faults, setAside, missingRows, heads, quarantine, refusal, left };
  }
}

/** A checkpoint's, that is; a thread whose token the store has lost gets it back when it is restored. */
function isOtherIndex({ kind, checkpointId }: StoreFault): boolean {
  return kind === 'index' && checkpointId !== undefined;
}
