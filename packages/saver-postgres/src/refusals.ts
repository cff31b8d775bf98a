/** What the schema's functions answer, and the errors that a refusal becomes. */
import {
  CheckpointConflictError,
  type HeadPosition,
  LeaseLostError,
  type Namespace,
  SaverUnavailableError,
  ThreadBusyError,
} from '@cairn/checkpoint-core';

export interface Outcome<Result extends string = never> {
  readonly result: Result | 'done' | 'busy' | 'lease-lost' | 'leaving';
  readonly detail: string | null;
  readonly head_id: string | null;
  readonly last_seq: number | null;
  readonly holder: string | null;
  readonly expires_at: number | null;
}

/**
 * What a procedure says in the detail of the error that it refuses by.
 *
 * @throws SaverUnavailableError when the caller's pool has left the detail out.
 */
export function parseRefusal<Result extends string>(error: unknown): Outcome<Result> {
  try {
    return JSON.parse((error as { readonly detail: string }).detail) as Outcome<Result>;
  } catch {
    throw new SaverUnavailableError(
      'A commit was refused, and nothing was stored. Why is not known, as the errors of the pool that the saver was given do not ' +
        "carry the server's DETAIL as their `detail`. Hand on the errors of `pg` as they are, then try again.",
      { retryable: false, cause: error },
    );
  }
}

/** What a function that answers by text says of a refusal; undefined when it did what it was asked. */
export function parseAnswer<Result extends string>(answer: string | undefined): Outcome<Result> | undefined {
  return answer === undefined || answer === 'done' ? undefined : (JSON.parse(answer) as Outcome<Result>);
}

/** A large thread is being deleted under this id, perhaps by a process that died: the rest of it must go first. */
export class ThreadLeaving extends Error {}

/** The refusals that any mutation can meet. @throws LeaseLostError, ThreadBusyError, ThreadLeaving */
export function throwShared(
  threadId: string,
  outcome: Pick<Outcome, 'holder' | 'expires_at'> & { result: string },
): void {
  if (outcome.result === 'leaving') throw new ThreadLeaving(threadId);
  if (outcome.result === 'lease-lost') throw new LeaseLostError(threadId);
  if (outcome.result === 'busy') {
    throw new ThreadBusyError(threadId, { holder: outcome.holder ?? '', expiresAt: outcome.expires_at ?? 0 });
  }
}

/** The error of a caller that is behind: names the stream's actual head. */
export function conflict(
  reason: string,
  at: { readonly threadId: string; readonly namespace: Namespace; readonly checkpointId?: string },
  outcome: Pick<Outcome, 'head_id' | 'last_seq'>,
): CheckpointConflictError {
  const { head_id: checkpointId, last_seq: seq } = outcome;
  const head: HeadPosition | undefined = checkpointId === null || seq === null ? undefined : { checkpointId, seq };
  return new CheckpointConflictError(reason, { ...at, checkpointId: at.checkpointId, head });
}
