/**
 * How the suite gets at a saver: the five lines an author writes, and all that the suite knows of a store.
 *
 * What the saver promises is not here: it declares that itself, in its `capabilities`.
 */
import type { CheckpointSaver, Clock, JsonValue } from '@cairn/checkpoint-core';
import type { Files } from './power-cut/disk.js';
import type { FileOperation } from './power-cut/file-operation.js';

/** What the suite hands to a harness when it opens a saver. */
export interface HarnessEnvironment {
  /**
   * Core's time for this instance, which the suite moves as it likes. A saver has no use for it: lease time is the
   * store's own. A saver that takes a clock all the same gets this one, so that the difference shows.
   */
  readonly clock: Clock;
}

/** A store of its own whose file operations are recorded: what the suite replays power cuts from. */
export interface RecordedStore {
  readonly saver: CheckpointSaver;
  /** All that has been done to the store's files since they were made, in order; it grows. */
  readonly operations: readonly FileOperation[];
  /** Opens a saver on a copy of the store with these files and no others. */
  readonly reopen: (files: Files) => Promise<CheckpointSaver>;
  /** Closes the saver and removes the store, its copies included. */
  destroy(): Promise<void>;
}

/** Makes, opens and removes stores of one kind of saver. */
export interface ConformanceHarness {
  /** The saver's name, as reports print it. */
  readonly name: string;
  /** Where other processes import this harness from: `import.meta.url`. Needed for cases with several processes. */
  readonly module?: string | undefined;
  /**
   * Names of the saver's own crash points (core's `crashPoint`), in its put, its writes, its prunes and the like: the suite
   * kills processes at each of them too, not at random moments only.
   */
  readonly crashPoints?: readonly string[] | undefined;

  /**
   * Makes an empty store: a folder, a schema, a name.
   *
   * @returns where it is, as a JSON value, so that another process can open it.
   */
  createStore(): Promise<JsonValue>;

  /**
   * Opens a saver on the store. Called once for each instance; more than once at a time only where the saver declares
   * that a store can be shared.
   */
  open(location: JsonValue, environment: HarnessEnvironment): Promise<CheckpointSaver>;

  /** Removes the store. Every saver on it has been closed. Called also when the case failed. */
  destroyStore(location: JsonValue): Promise<void>;

  /**
   * Makes a store whose file operations are recorded. For savers that keep their own files and can be run on a recording
   * file layer; without it the cases that cut the power are excluded, and the report says so.
   */
  recordStore?: (environment: HarnessEnvironment) => Promise<RecordedStore>;
}
