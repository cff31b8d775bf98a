/** From what a user calls a store to a Checkpointer on it. The savers are the user's own installations, loaded when asked for. */
import { existsSync } from 'node:fs';
import { Checkpointer, type CheckpointSaver, isMaintainable, type MaintainableSaver } from '@cairn/checkpoint-core';
import { importDefault } from './import-default.js';
import { keysVariable, loadKeys } from './load-keys.js';
import { UsageError } from './usage-error.js';

export interface StoreOptions {
  /** PostgreSQL: the schema that holds the tables; default `cairn`. */
  readonly schema?: string | undefined;
  /** A module with the keys of an encrypted store; default what `CAIRN_KEYS` names. */
  readonly keys?: string | undefined;
  /** True where a store may be made: else one that is not there is refused. */
  readonly mayMake?: boolean;
}

export interface OpenStore {
  readonly checkpointer: Checkpointer;
  readonly saver: CheckpointSaver;
  close(): Promise<void>;
}

/**
 * Opens `sqlite:path`, `postgres://…`, or a module whose default export is a saver, a Checkpointer, or a function that makes
 * one (for other savers, classes, serializers and keys).
 *
 * @throws UsageError when there is no such store, or its saver is not installed, or keys are given to a Checkpointer.
 */
export async function openStore(location: string, options: StoreOptions = {}): Promise<OpenStore> {
  const opened = await openLocation(location, options);
  const saver = isCheckpointer(opened) ? opened.saver : opened;
  try {
    const checkpointer = isCheckpointer(opened) ? withOwnKeys(opened, location, options) : await over(opened, options);
    return { checkpointer, saver, close: () => saver.close() };
  } catch (error) {
    await saver.close();
    throw error;
  }
}

async function over(saver: CheckpointSaver, options: StoreOptions): Promise<Checkpointer> {
  const keys = options.keys ?? process.env[keysVariable];
  return new Checkpointer({ saver, encryption: keys ? await loadKeys(keys) : undefined });
}

/** What `CAIRN_KEYS` names is for stores that bring no keys. */
function withOwnKeys(checkpointer: Checkpointer, location: string, { keys }: StoreOptions): Checkpointer {
  if (keys === undefined) return checkpointer;
  throw new UsageError(`${location} makes a Checkpointer, which has its keys, or none: leave out --keys.`);
}

/** @throws UsageError when the saver has no maintenance methods. */
export function maintainable(saver: CheckpointSaver): MaintainableSaver {
  if (isMaintainable(saver)) return saver;
  throw new UsageError('This saver has no maintenance methods (scan, restore, replace), and this command needs them.');
}

async function openLocation(location: string, options: StoreOptions): Promise<CheckpointSaver | Checkpointer> {
  if (location.startsWith('sqlite:')) return openSqlite(location.slice('sqlite:'.length), options);
  if (/^postgres(?:ql)?:\/\//.test(location)) return openPostgres(location, options);
  return openModule(location);
}

async function openSqlite(path: string, { mayMake = false }: StoreOptions): Promise<CheckpointSaver> {
  if (!mayMake && !existsSync(path)) throw new UsageError(`There is no file ${path}.`);
  const { SqliteSaver } = await installed(() => import('@cairn/saver-sqlite'), '@cairn/saver-sqlite');
  return new SqliteSaver({ path, autoSetup: mayMake });
}

async function openPostgres(connectionString: string, { schema, mayMake = false }: StoreOptions) {
  const { PostgresSaver } = await installed(() => import('@cairn/saver-postgres'), '@cairn/saver-postgres');
  return new PostgresSaver({ connectionString, autoSetup: mayMake, ...(schema !== undefined && { schema }) });
}

async function openModule(path: string): Promise<CheckpointSaver | Checkpointer> {
  const made = await importDefault(
    path,
    `${path} is no store: give sqlite:path, postgres://…, or a module that exports a saver.`,
  );
  if (isStore(made)) return made;
  throw new UsageError(
    `The default export of ${path} is neither a saver nor a Checkpointer, nor a function that makes one.`,
  );
}

function isStore(value: unknown): value is CheckpointSaver | Checkpointer {
  if (typeof value !== 'object' || value === null) return false;
  return 'saver' in value || ('capabilities' in value && 'put' in value);
}

/** By its shape: the module may bring a copy of the package of its own. */
function isCheckpointer(store: CheckpointSaver | Checkpointer): store is Checkpointer {
  return 'saver' in store;
}

async function installed<Module>(load: () => Promise<Module>, name: string): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError(`${name} is not installed here: npm install ${name}`);
  }
}
