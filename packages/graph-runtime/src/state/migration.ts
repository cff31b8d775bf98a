/** How a state of one version becomes one of the next: what `defineState` is given, before anything is checked. */

/** A state's values by channel, of a version that TypeScript does not know any more. */
export type OldValues = Readonly<Record<string, unknown>>;

/**
 * Makes the values of one version from those of the version before. It is handed every channel, frozen, and must be
 * synchronous and without effects: it runs each time an older checkpoint is read.
 *
 * A channel that it hands through as it is counts as unchanged.
 */
export type StateMigration = (old: OldValues) => OldValues;

/** What an update that is still to be folded, or the input of a `Send`, belongs to. */
export interface PendingUpdate {
  readonly kind: 'update' | 'send';
  /** The node that returned the update, or that the input is for, as it was called at the version before. */
  readonly node: string;
}

/** A migration that says more than what becomes of the values. */
export interface Migration {
  readonly state: StateMigration;
  /**
   * Makes what was in flight fit: the updates of tasks that finished before others of their superstep, and the inputs of
   * `Send`s. Without it only what touches no changed channel can be taken over.
   */
  readonly update?: ((old: OldValues, pending: PendingUpdate) => OldValues) | undefined;
  /** Old names of nodes, each with its new one: tasks that wait to run are theirs from then on. */
  readonly renamedNodes?: Readonly<Record<string, string>> | undefined;
}

/** By the version that each leads to, from the one before: `{ 2: (old) => …, 3: { state: (old) => …, … } }`. */
export type Migrations = Readonly<Record<number, StateMigration | Migration>>;

export function migrationTo(migrations: Migrations, version: number): Migration | undefined {
  const given = migrations[version];
  return typeof given === 'function' ? { state: given } : given;
}

/** The oldest version that there is a way from; the state's own, where it has no migrations. */
export function oldestVersion(migrations: Migrations, version: number): number {
  let oldest = version;
  while (migrations[oldest] !== undefined) oldest -= 1;
  return oldest;
}

/** What a node of an older version is called now. */
export function currentName(migrations: Migrations, from: number, to: number, node: string): string {
  let name = node;
  for (let version = from + 1; version <= to; version++)
    name = renamed(migrationTo(migrations, version)?.renamedNodes, name);
  return name;
}

export function renamed(names: Migration['renamedNodes'], node: string): string {
  return names && Object.hasOwn(names, node) ? (names[node] ?? node) : node;
}
