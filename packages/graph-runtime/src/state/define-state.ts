/** What a state is: a name, a version and channels. Data only; `compile` checks it. */
import type { Channels } from './channel.js';

/** A state's shape, from which graphs are built and types inferred. */
export interface StateDefinition<C extends Channels> {
  /** Stamped on every checkpoint: a graph refuses threads of another state. */
  readonly name: string;
  /** Stamped on every checkpoint: 1, 2, 3 …; a process refuses threads of a version newer than it knows. */
  readonly version: number;
  readonly channels: C;
}

/** Defines a state. `StateOf<typeof it>` is what its nodes read, `NodeOf<typeof it>` what they are. */
export function defineState<C extends Channels>(definition: StateDefinition<C>): StateDefinition<C> {
  const { name, version, channels } = definition;
  return { name, version, channels };
}
