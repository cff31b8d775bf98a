/** A kind of graph that the lab runs: from wherever a thread stands, its drive leads to the same end. */
export interface Shape {
  readonly name: string;
  /** @returns what must be equal, however often the way there was broken off. */
  drive(threadId: string): Promise<unknown>;
}
