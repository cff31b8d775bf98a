/** Walks a store's threads of one graph, several at once, and counts what became of each. */
import {
  type Checkpointer,
  hasCode,
  InvalidArgumentError,
  type Metadata,
  type ThreadInfo,
} from '@cairn/checkpoint-core';

/** Which threads to look at, and how. */
export interface EachThreadOptions {
  /** How many threads are looked at at once. Default 4. */
  readonly concurrency?: number | undefined;
  /** Only threads whose head's metadata has every one of these top-level pairs. */
  readonly filter?: Metadata | undefined;
  /** Ends the walk after the threads it has begun with. */
  readonly signal?: AbortSignal | undefined;
}

/** A thread that can't be taken over, or not now, and why. */
export interface ThreadProblem {
  readonly threadId: string;
  /** The error's code, such as `CAIRN_MIGRATION_FAILED`; undefined for an error that is not Cairn's. */
  readonly code: string | undefined;
  readonly reason: string;
  readonly error: unknown;
}

/** What one thread came to. */
export type ThreadOutcome = 'current' | 'older' | 'foreign';

export interface Walk {
  readonly counts: Readonly<Record<ThreadOutcome, number>>;
  readonly problems: readonly ThreadProblem[];
}

/** @param look - says what a thread came to; a thread of another state is foreign, any other error a problem. */
export async function eachThread(
  checkpointer: Checkpointer,
  { concurrency = 4, filter, signal }: EachThreadOptions,
  look: (thread: ThreadInfo) => Promise<ThreadOutcome>,
  onThread: (threadId: string, came: ThreadOutcome | ThreadProblem) => void = () => undefined,
): Promise<Walk> {
  if (!Number.isSafeInteger(concurrency) || concurrency < 1)
    throw new InvalidArgumentError(`concurrency must be a whole number from 1 up, not ${String(concurrency)}.`);
  const counts = { current: 0, older: 0, foreign: 0 };
  const problems: ThreadProblem[] = [];
  const found = (threadId: string, came: ThreadOutcome | ThreadProblem): void => {
    if (typeof came === 'string') counts[came] += 1;
    else problems.push(came);
    onThread(threadId, came);
  };
  const onUnreadable = (threadId: string, error: unknown) => found(threadId, problemOf(threadId, error));
  const threads = checkpointer.listThreads({ filter, onUnreadable });
  const work = async (): Promise<void> => {
    while (!signal?.aborted) {
      const { value: thread } = await threads.next();
      if (thread === undefined) return;
      found(thread.threadId, await look(thread).catch((error: unknown) => problemOf(thread.threadId, error)));
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: concurrency }, work));
  await threads.return();
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  return { counts, problems: problems.sort((a, b) => (a.threadId < b.threadId ? -1 : 1)) };
}

function problemOf(threadId: string, error: unknown): ThreadOutcome | ThreadProblem {
  if (hasCode(error, 'CAIRN_STATE_MISMATCH')) return 'foreign';
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return { threadId, code: typeof code === 'string' ? code : undefined, reason: message ?? String(error), error };
}
