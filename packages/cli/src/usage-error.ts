/** What the caller has to put right: the exit code is 2, and no stack is shown. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
