/** What the proxy can do to a request and its answer. */

/** A request, from its first message to the one that asks for the answer, and all that the server answers. */
export interface Exchange {
  /** 1, 2, 3 … over all connections, in the order the requests were complete. */
  readonly number: number;
  /** The statement; empty where a prepared one is run by its name. */
  readonly sql: string;
}

/**
 * - `cut-request`: the connection is cut, and nothing of the request reaches the server;
 * - `cut-unfinished`: all of it does but its last byte, so that the server carries it out and does not commit;
 * - `cut-sent`: all of it does, and the connection is cut while the server works;
 * - `cut-answer`: it is cut once the server has answered, and so committed, and nothing of the answer comes back;
 * - `cut-half-answer`: half of it comes back;
 * - `cut-after-answer`: all of it comes back, and then the connection is cut;
 * - `drop-request`, `drop-answer`: the request or the answer is lost, and the connection stays open in silence;
 * - `delayMs`: the answer comes so much later.
 */
export type Fault =
  | 'cut-request'
  | 'cut-unfinished'
  | 'cut-sent'
  | 'cut-answer'
  | 'cut-half-answer'
  | 'cut-after-answer'
  | 'drop-request'
  | 'drop-answer'
  | { readonly delayMs: number };
