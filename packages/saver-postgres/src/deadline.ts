/** The time limit on what the server is asked for, kept on this side: a server that is away can not keep one. */
import { StatementTimeout } from './classify-error.js';

/**
 * @param work - goes on when its time is over, and fails by itself once its connection is closed.
 * @throws StatementTimeout
 */
export async function withinTime<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `no answer within statementTimeoutMs, ${timeoutMs} ms`;
    timer = setTimeout(() => reject(new StatementTimeout(message)), timeoutMs);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
