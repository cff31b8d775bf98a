/** Copies a thread's rows as they are: `CheckpointSaver.copyThread`. One statement. */
import {
  type CheckpointAddress,
  CheckpointNotFoundError,
  ThreadExistsError,
  ThreadNotFoundError,
} from '@cairn/checkpoint-core';
import { sqlState } from '../classify-error.js';
import type { Connection } from '../connection.js';
import { rootNamespace, streamKey } from '../namespaces.js';
import { type Outcome, throwShared } from '../refusals.js';

const copySql = 'SELECT * FROM @schema.copy_thread($1, $2, $3, $4, $5, $6)';

/** What the function raises, to undo what it has copied before it found that there is nothing to end at. */
const nothingToCopy = 'CN404';

/** @param call - names this call, so that repeating it after a lost answer finds the copy made. */
export async function copyThread(
  db: Connection,
  from: string,
  to: string,
  upTo: CheckpointAddress | undefined,
  call: string,
): Promise<void> {
  const namespace = upTo === undefined ? rootNamespace : streamKey({ ...upTo, threadId: from }).namespace;
  const values = [from, to, call, namespace, upTo?.checkpointId ?? null, upTo !== undefined];
  const outcome = await db.get<Outcome<'made' | 'exists' | 'no-thread'>>(copySql, ...values).catch((error: unknown) => {
    if (sqlState(error) !== nothingToCopy) throw error;
    throw (error as Error).message === 'no-thread' || upTo === undefined
      ? new ThreadNotFoundError(from)
      : new CheckpointNotFoundError(from, upTo.checkpointId ?? 'the head', { namespace: upTo.namespace });
  });
  if (outcome === undefined || outcome.result === 'done' || outcome.result === 'made') return;
  throwShared(to, outcome);
  if (outcome.result === 'no-thread') throw new ThreadNotFoundError(from);
  throw new ThreadExistsError(to);
}
