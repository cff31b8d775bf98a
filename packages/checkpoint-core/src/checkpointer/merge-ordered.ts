/** Several ordered listings as one. */

/**
 * Everything that the sources yield, in their common order; of what is equal in it, the first.
 *
 * @param sources - each ordered by `compare`.
 * @param limit - at most so many; default all.
 */
export async function* mergeOrdered<T>(
  sources: readonly AsyncIterable<T>[],
  compare: (a: T, b: T) => number,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<T, void, undefined> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (let count = 0; count < limit; count++) {
      let first: T | undefined;
      for (const head of heads) {
        if (!head.done && (first === undefined || compare(head.value, first) < 0)) first = head.value;
      }
      if (first === undefined) return;
      const isFirst = (head: IteratorResult<T>) => !head.done && compare(head.value, first) === 0;
      for (const [place, head] of heads.entries()) {
        if (isFirst(head)) heads[place] = (await iterators[place]?.next()) ?? head;
      }
      yield first;
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}
