/** What is wrong with a state's migrations; types say some of it, plain JavaScript finds it all here. */
import { quoteId } from '@cairn/checkpoint-core';
import { isPlainObject } from '../state/plain-object.js';

/** The versions that no migration leads to, between the oldest that is given and the state's own. */
export function missingMigrations(version: unknown, migrations: unknown): readonly number[] {
  if (!isPlainObject(migrations) || !Number.isSafeInteger(version)) return [];
  const given = Object.keys(migrations).map(Number);
  const [oldest, newest] = [Math.min(...given), version as number];
  const missing: number[] = [];
  for (let to = oldest; to <= newest; to++) if (!given.includes(to)) missing.push(to);
  return missing;
}

/** One sentence for each fault. */
export function* migrationFaults(version: unknown, migrations: unknown): Generator<string> {
  if (migrations === undefined) return;
  if (!isPlainObject(migrations)) {
    yield 'The state has migrations that are no object: give one of functions by version.';
    return;
  }
  for (const [key, migration] of Object.entries(migrations)) {
    const to = Number(key);
    if (!Number.isSafeInteger(to) || to < 2 || String(to) !== key)
      yield `The state has a migration to ${quoteId(key)}; versions that have one before are 2, 3, 4 …`;
    else if (to > Number(version))
      yield `The state has a migration to version ${key}, and is itself of version ${String(version)}.`;
    yield* shapeFaults(key, migration);
  }
  for (const to of missingMigrations(version, migrations))
    yield `The state has no migration from version ${to - 1} to ${to}, and one from before: threads can't get over the gap.`;
}

function* shapeFaults(key: string, migration: unknown): Generator<string> {
  if (typeof migration === 'function') return;
  const name = `The migration to version ${key}`;
  if (!isPlainObject(migration)) {
    yield `${name} is neither a function nor an object with one as its state.`;
    return;
  }
  const { state, update, renamedNodes } = migration;
  if (typeof state !== 'function') yield `${name} has no function as its state.`;
  if (update !== undefined && typeof update !== 'function') yield `${name} has an update that is no function.`;
  if (renamedNodes === undefined) return;
  if (!isPlainObject(renamedNodes) || Object.values(renamedNodes).some((to) => typeof to !== 'string' || to === ''))
    yield `${name} has renamedNodes that are no object of names.`;
  else if (new Set(Object.values(renamedNodes)).size < Object.keys(renamedNodes).length)
    yield `${name} gives two nodes one new name.`;
}
