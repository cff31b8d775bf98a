/**
 * What a scenario is: one behaviour of the kind that users of LangGraph rely on (or that Cairn adds), and what comes of it.
 *
 * Traces are plain data: statuses, values state by state, next nodes, questions, error codes. A scenario may use any number of
 * threads, all made by its kit, whose whole histories are compared between stores besides.
 */
import type { CheckpointSaver } from '@cairn/checkpoint-core';

export interface Scenario {
  /** Unique; `theme/name`. */
  readonly id: string;
  /** True where LangGraph's documentation promises no such thing, and Cairn does. */
  readonly beyond?: true;
  /** What a user relies on, as a sentence. */
  readonly behaviour: string;
  /** The trace, on every store. */
  readonly expected: unknown;
  run(kit: Kit): Promise<unknown>;
}

/** What a scenario has to work with. */
export interface Kit {
  readonly saver: CheckpointSaver;
  /** A thread's id, the same for the same name. */
  thread(name?: string): string;
}
