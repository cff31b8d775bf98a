/** Waiting for something that may never listen to its signal. */

/** The promise's result, or a rejection with the signal's reason as soon as it aborts; without a signal, what it comes to. */
export function untilAborted<T>(promise: PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return Promise.resolve(promise);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) {
      promise.then(undefined, () => undefined);
      abort();
      return;
    }
    signal.addEventListener('abort', abort);
    const done = () => signal.removeEventListener('abort', abort);
    promise.then(
      (result) => {
        done();
        resolve(result);
      },
      (error: unknown) => {
        done();
        reject(error);
      },
    );
  });
}
