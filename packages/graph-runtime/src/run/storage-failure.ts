/** Failures of the store, told apart from whatever else a node may meet: a node that catches one has not put it right. */
const failures = new WeakSet<object>();

/** Notes that the store failed with this error. Returns it. */
export function storageFailure<E>(error: E): E {
  if (typeof error === 'object' && error !== null) failures.add(error);
  return error;
}

export function isStorageFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && failures.has(error);
}
