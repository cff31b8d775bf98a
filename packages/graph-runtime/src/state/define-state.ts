/** What a state is: a name, a version, channels, and the way from older versions. Data only; `compile` checks it. */
import type { Channels } from './channel.js';
import type { Migrations } from './migration.js';

/** A state's shape, from which graphs are built and types inferred. */
export interface StateDefinition<C extends Channels> {
  /** Stamped on every checkpoint: a graph refuses threads of another state. */
  readonly name: string;
  /** Stamped on every checkpoint: 1, 2, 3 …; a process refuses threads of a version newer than it knows. */
  readonly version: number;
  readonly channels: C;
  /** How threads of older versions are taken over, by the version each migration leads to. */
  readonly migrations?: Migrations | undefined;
}

/** Defines a state. `StateOf<typeof it>` is what its nodes read, `NodeOf<typeof it>` what they are. */
export function defineState<C extends Channels>(definition: StateDefinition<C>): StateDefinition<C> {
  const { name, version, channels, migrations } = definition;
  return { name, version, channels, ...(migrations && { migrations }) };
}
