/** Failures of the store, told apart from whatever else a node may meet: a node that catches one has not put it right. */
import { hasCode } from '@cairn/checkpoint-core';

const failures = new WeakSet<object>();

/** What is asked for is refused with these before the store is asked: it is as well as before. */
const refusals = ['CAIRN_UNSERIALIZABLE_VALUE', 'CAIRN_INVALID_ADDRESS', 'CAIRN_INVALID_ARGUMENT'] as const;

/** Notes that the store failed with this error, unless it was refused without asking the store. Returns it. */
export function storageFailure<E>(error: E): E {
  const isRefusal = refusals.some((code) => hasCode(error, code));
  if (typeof error === 'object' && error !== null && !isRefusal) failures.add(error);
  return error;
}

export function isStorageFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && failures.has(error);
}
