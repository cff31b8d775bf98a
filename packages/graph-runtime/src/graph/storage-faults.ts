/** What is wrong with where a graph is to keep its threads and results; types say it, plain JavaScript finds it here. */

/** The calls of each that a graph can't do without. */
const saverCalls = ['put', 'putWrites', 'get', 'list', 'listThreads', 'acquireLease', 'renewLease', 'releaseLease'];
const checkpointerCalls = ['read', 'commit', 'record', 'copy', 'infos', 'listThreads'];

/** One sentence for each fault of `compile`'s options. */
export function storageFaults(options: {
  readonly saver?: unknown;
  readonly checkpointer?: unknown;
  readonly cache?: unknown;
}): readonly string[] {
  if (typeof options !== 'object' || options === null)
    return [`compile takes options, such as { saver }, and got ${String(options)}.`];
  // Taken for options, they would name no storage, and nothing would ever be stored.
  if ([saverCalls, checkpointerCalls].some((calls) => lacking('saver', options, calls).length === 0))
    return ['compile got a saver, or a checkpointer, in place of options: give { saver } or { checkpointer }.'];
  const { saver, checkpointer, cache } = options;
  const both = saver !== undefined && checkpointer !== undefined;
  return [
    ...(both ? ['compile got a saver and a checkpointer; give one of them.'] : []),
    ...lacking('saver', saver, saverCalls),
    ...lacking('checkpointer', checkpointer, checkpointerCalls),
    ...lacking('cache', cache, ['get', 'set']),
  ];
}

function lacking(option: string, given: unknown, calls: readonly string[]): readonly string[] {
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null)
    return [`compile's ${option} is no ${option}, but ${String(given)}.`];
  const missing = calls.filter((call) => typeof (given as Readonly<Record<string, unknown>>)[call] !== 'function');
  return missing.length === 0 ? [] : [`compile's ${option} is no ${option}: it has no ${missing.join(', ')}.`];
}
