/**
 * Retention as the `Checkpointer` offers it: on demand over one thread or all, and by itself after commits.
 *
 * By itself means after a commit was acknowledged, never within it, one thread at a time and without any timer. When it is a
 * thread's turn is told by the seq of its commits, so that nothing is counted in memory, and many processes and restarts
 * come to the same.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkNamespace, checkThreadId, type Namespace } from '../address.js';
import { maintained } from '../checkpointer/maintained.js';
import type { RowCodec } from '../checkpointer/row-codec.js';
import type { Clock } from '../clock.js';
import { hasCode } from '../errors/checkpoint-error.js';
import { InvalidArgumentError, ThreadNotFoundError } from '../errors/storage-errors.js';
import type { CheckpointHeader, PruneReport } from '../records.js';
import type { CheckpointSaver } from '../saver.js';
import { type Traced, tracedCalls } from '../tracing.js';
import { type ExpireReport, type ExpireRequest, expireThreads } from './expire.js';
import { foreseePrune } from './foresee.js';
import { checkPolicy, checkRetention, type RetentionOptions, type RetentionPolicy } from './policy.js';
import { addReports, type PruneContext, pruneThread } from './prune-thread.js';
import { allStreams, pinnedStreams } from './streams.js';

export interface PruneRequest {
  /** Default: all threads. */
  readonly threadId?: string | undefined;
  /** Only this stream of the thread; default all its streams. */
  readonly namespace?: Namespace | undefined;
  /** Default: the checkpointer's own. */
  readonly retention?: RetentionPolicy | undefined;
  /** Tells what would go, and drops nothing. Needs a saver with maintenance methods. */
  readonly dryRun?: boolean | undefined;
  /** Called with each thread that was looked at, and what went of it; what it throws ends the prune. */
  readonly onThread?: ((threadId: string, report: PruneReport) => void) | undefined;
  /** Ends the prune between two batches; what is dropped by then stays dropped. */
  readonly signal?: AbortSignal | undefined;
}

/** What a prune removed, or in a dry run would. */
export interface RetentionReport extends PruneReport {
  /** How many threads were looked at. */
  readonly threads: number;
  /** Threads passed over because a header of theirs is damaged: `verify` says more. Never when one thread was asked for. */
  readonly damaged: readonly string[];
}

/** The context of `cairn:prune`: one thread pruned by itself. */
export interface PruneTrace extends Traced {
  readonly threadId: string;
  /** Set when it has settled without an error. */
  report?: PruneReport;
}

const prunes = tracedCalls<PruneTrace>('cairn:prune');
const DEFAULT_PRUNE_EVERY = 50;

/** How often a thread is looked at in a dry run before it is given up. */
const mostAttempts = 5;

export class Retention {
  readonly #codec: RowCodec;
  readonly #saver: CheckpointSaver;
  readonly #clock: Clock;
  readonly #options: RetentionOptions | undefined;
  /** Whose turn it is: by thread, the stream that came to it last. */
  readonly #due = new Map<string, Namespace>();
  #working: Promise<void> | undefined;

  /** @throws InvalidArgumentError for options that are none. */
  constructor(codec: RowCodec, saver: CheckpointSaver, clock: Clock, options: RetentionOptions | undefined) {
    if (options !== undefined) checkRetention(options);
    this.#codec = codec;
    this.#saver = saver;
    this.#clock = clock;
    this.#options = options && { ...options };
  }

  /** To be told of each acknowledged commit. Returns at once, and never throws. */
  afterCommit({ threadId, namespace, seq }: CheckpointHeader): void {
    if (this.#options === undefined) return;
    const { pruneEvery = DEFAULT_PRUNE_EVERY } = this.#options;
    if (seq % pruneEvery !== 0) return;
    this.#due.set(threadId, namespace);
    this.#working ??= this.#work(this.#options);
  }

  /** Resolves once no thread is being pruned by itself, nor waits for its turn. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  async prune(request: PruneRequest): Promise<RetentionReport> {
    const { threadId, namespace, retention: policy = this.#options, signal } = request;
    if (policy === undefined)
      throw new InvalidArgumentError('prune needs a retention: its own, or one the checkpointer was made with.');
    checkPolicy(policy);
    if (threadId !== undefined) checkThreadId(threadId);
    if (namespace !== undefined) checkNamespace(namespace);
    if (namespace !== undefined && threadId === undefined)
      throw new InvalidArgumentError('prune takes a namespace only with the threadId that it is a stream of.');
    const pruner = this.#pruner({ ...request, policy });
    const pruneOne = async (id: string) => {
      const report = await pruner(id);
      request.onThread?.(id, report);
      return report;
    };
    if (threadId !== undefined) return { ...(await pruneOne(threadId)), threads: 1, damaged: [] };
    let total: PruneReport = { checkpoints: 0, records: 0, writes: 0, bytes: 0 };
    let threads = 0;
    const damaged: string[] = [];
    for await (const thread of this.#saver.listThreads({})) {
      signal?.throwIfAborted();
      try {
        total = addReports(total, await pruneOne(thread.threadId));
      } catch (error) {
        // It was deleted since it was listed.
        if (hasCode(error, 'CAIRN_THREAD_NOT_FOUND')) continue;
        if (!hasCode(error, 'CAIRN_CORRUPT_CHECKPOINT')) throw error;
        damaged.push(thread.threadId);
      }
      threads += 1;
    }
    return { ...total, threads, damaged };
  }

  expire(request: ExpireRequest, removed: (threadId: string) => void): Promise<ExpireReport> {
    return expireThreads({ codec: this.#codec, saver: this.#saver, now: this.#clock.now() }, request, removed);
  }

  #pruner({
    namespace,
    policy,
    dryRun = false,
    signal,
  }: PruneRequest & { readonly policy: RetentionPolicy }): (threadId: string) => Promise<PruneReport> {
    const saver = this.#saver;
    const context = { codec: this.#codec, saver, policy, now: this.#clock.now(), signal };
    const streamsOf = async (threadId: string) => {
      const streams = await allStreams(this.#codec, saver, threadId, namespace ?? []);
      if (streams.length === 0) throw new ThreadNotFoundError(threadId);
      return streams;
    };
    if (!dryRun) return async (threadId) => pruneThread(context, threadId, await streamsOf(threadId), namespace);
    const readable = { ...context, saver: maintained(saver, 'a dry run of prune') };
    const foresee = async (threadId: string) => foreseePrune(readable, threadId, await streamsOf(threadId), namespace);
    return async (threadId) => {
      // Some savers can't hold the rows of one instant while a thread is written to, and say so.
      for (let attempt = 1; attempt < mostAttempts; attempt += 1) {
        try {
          return await foresee(threadId);
        } catch (error) {
          if (!isRetryable(error)) throw error;
        }
      }
      return foresee(threadId);
    };
  }

  async #work(policy: RetentionOptions): Promise<void> {
    // A Map's iteration goes on over what comes due during it.
    for (const [threadId, namespace] of this.#due) {
      // The commit that led here returns to its caller first, and a store in memory would never give others a turn by itself.
      await nextTurn();
      this.#due.delete(threadId);
      const trace: PruneTrace = { threadId };
      const context: PruneContext = { codec: this.#codec, saver: this.#saver, policy, now: this.#clock.now() };
      const prune = async () => {
        const streams = await pinnedStreams(this.#codec, this.#saver, threadId, namespace);
        trace.report = await pruneThread(context, threadId, streams);
      };
      // Told to whoever subscribes; the commits it came after have succeeded, and it is tried again after as many more.
      await prunes.run(trace, prune).catch(() => undefined);
    }
    // In the turn that found nothing due any more: what is committed after it begins anew.
    this.#working = undefined;
  }
}

function isRetryable(error: unknown): boolean {
  return hasCode(error, 'CAIRN_SAVER_UNAVAILABLE') && error.retryable;
}
