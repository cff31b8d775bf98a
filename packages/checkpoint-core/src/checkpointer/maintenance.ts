/** What the keeper of a store does with it, run by run of its own: look for damage, mend it, rotate keys. */
import { checkThreadId } from '../address.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { type RepairedThread, type RepairRequest, repairThreads } from '../repair/repair.js';
import { type SalvagedThread, type SalvageRequest, salvageThread } from '../repair/salvage.js';
import type { CheckpointSaver } from '../saver.js';
import { maintained } from './maintained.js';
import { type ReencryptProgress, type ReencryptRequest, reencryptRows } from './reencrypt.js';
import type { RowCodec } from './row-codec.js';
import { type StoreFault, verifyRows } from './verify.js';

/** The part of a Checkpointer that looks after what is stored. */
export abstract class Maintenance {
  readonly saver: CheckpointSaver;
  readonly #codec: RowCodec;

  constructor(saver: CheckpointSaver, codec: RowCodec) {
    this.saver = saver;
    this.#codec = codec;
  }

  /**
   * Looks for damage in the whole store, or in one thread: also for what no single read notices, such as a lost checkpoint.
   * Reads every row, writes nothing, and yields nothing when all is whole. What runs commit meanwhile may show as a fault
   * that is none a moment later: look again.
   *
   * @throws InvalidArgumentError when the saver has no `scan`; SaverUnavailableError, retryable, as `scan`.
   */
  verify({ threadId }: { readonly threadId?: string | undefined } = {}): AsyncGenerator<StoreFault, void, undefined> {
    if (threadId !== undefined) checkThreadId(threadId);
    return verifyRows(this.#codec, maintained(this.saver, 'verify'), threadId);
  }

  /**
   * Writes all that is stored anew under the current key: what other keys, or none, have sealed. Contents, ids and order stay
   * as they are. Safe while runs go on, which write under the current key themselves; what is copied meanwhile brings the old
   * bytes along, so all is passed over again until nothing was left to write. Stopped or killed, the next call goes on.
   *
   * Before a key is destroyed: a call that rewrites nothing, and a `verify` with the new key alone that finds nothing.
   *
   * @returns what was done.
   * @throws InvalidArgumentError without `encryption`, or when the saver has no `replace`.
   * @throws UnknownKeyError, CorruptCheckpointError for a row that can't be read; what came before it is done.
   * @throws SaverUnavailableError, retryable, at the end, when a thread was written to at each attempt to pass over it.
   */
  async reencrypt(request: ReencryptRequest = {}): Promise<ReencryptProgress> {
    if (request.threadId !== undefined) checkThreadId(request.threadId);
    if (!this.#codec.isEncrypting) throw new InvalidArgumentError('reencrypt needs `encryption` in the options.');
    return reencryptRows(this.#codec, maintained(this.saver, 'reencrypt'), request);
  }

  /**
   * Mends what {@link verify} finds: keeps each damaged thread whole in the quarantine, then puts its whole rows in its place,
   * visible at once or not at all. Without a quarantine it changes nothing, and says what it would do.
   *
   * @throws InvalidArgumentError when the saver has no maintenance methods.
   */
  repair(request: RepairRequest = {}): AsyncGenerator<RepairedThread, void, undefined> {
    return repairThreads(this.#codec, maintained(this.saver, 'repair'), request);
  }

  /**
   * The newest checkpoint of a damaged thread that reads whole, what else was found, and with `to` a copy of all that is whole
   * in a new thread, to go on with. The thread itself is left as it is.
   *
   * @throws ThreadNotFoundError, NoWholeCheckpointError; for the copy ThreadExistsError, ThreadBusyError.
   */
  async salvage(request: SalvageRequest): Promise<SalvagedThread> {
    return salvageThread(this.#codec, this.saver, request);
  }
}
