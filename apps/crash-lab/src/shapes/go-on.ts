/** Goes on with a thread from wherever it stands, or begins it. */
import { hasCode } from '@cairn/checkpoint-core';
import type { ResumeOptions } from '@cairn/graph-runtime';

interface Resumable<Run> {
  resume(options: ResumeOptions): Promise<Run>;
}

export async function goOn<Run>(
  graph: Resumable<Run>,
  thread: string | ResumeOptions,
  begin: () => Promise<Run>,
): Promise<Run> {
  const options = typeof thread === 'string' ? { threadId: thread } : thread;
  try {
    return await graph.resume({ ...options, onBusy: 'replace' });
  } catch (error) {
    // The lease of a runner that died is taken over, as nobody else runs this store's threads.
    if (!hasCode(error, 'CAIRN_THREAD_NOT_FOUND')) throw error;
    return begin();
  }
}
