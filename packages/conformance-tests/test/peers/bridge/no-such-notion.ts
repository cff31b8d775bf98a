/** What the bridge says where a peer has nothing to be judged by. */

/** A part of Cairn's contract that LangGraph.js's savers do not have at all, under any name. */
export type MissingNotion =
  | 'closing'
  | 'compare-and-set'
  | 'consumed writes'
  | 'copies'
  | 'deltas'
  | 'leases'
  | 'maintenance'
  | 'pruning'
  | 'thread listing'
  | 'typed errors';

/** Thrown by the bridge instead of an answer; a case that meets it says nothing about the peer. */
export class NoSuchNotionError extends Error {
  override readonly name = 'NoSuchNotionError';
  readonly notion: MissingNotion;

  constructor(notion: MissingNotion) {
    super(`LangGraph.js's savers have no such notion: ${notion}.`);
    this.notion = notion;
  }
}

/** The notion that was missing, where that ended a case, also when the case wrapped the error. */
export function missingNotionOf(error: unknown): MissingNotion | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof NoSuchNotionError) return each.notion;
    // A case that expects one of Cairn's errors says in its message what came instead.
    const named = /NoSuchNotionError: .*no such notion: ([^.]+)\./.exec(each.message)?.[1];
    if (named !== undefined) return named as MissingNotion;
  }
  return undefined;
}
