/** Values of an older version made into values of this one: step by step, then checked against the channels. */
import { quoteId, type ValueKeeper } from '@cairn/checkpoint-core';
import { type Channels, Rejection } from '../state/channel.js';
import { type Migration, type Migrations, migrationTo, type OldValues } from '../state/migration.js';
import { isPlainObject } from '../state/plain-object.js';
import { handOutValues, type Values } from '../state/values.js';

/** What can't be migrated, and why; the caller adds of which checkpoint. */
export class Unmigratable extends Error {
  /** The version that the migration which failed leads to. */
  readonly to: number;
  readonly about: { readonly channel?: string; readonly node?: string; readonly taskId?: string };

  constructor(problem: string, to: number, about: Unmigratable['about'] = {}, cause?: unknown) {
    super(problem, { cause });
    this.to = to;
    this.about = about;
  }
}

/** One migration as it went. */
export interface Step {
  readonly to: number;
  readonly migration: Migration;
  readonly before: OldValues;
  readonly after: OldValues;
}

/**
 * Runs the migrations of the values.
 *
 * @param from - the version that the values have; there is a migration from each version since.
 * @throws Unmigratable when one throws, or returns what is no object of values.
 */
export function runSteps(
  migrations: Migrations,
  from: number,
  to: number,
  stored: Values,
  keeper: ValueKeeper,
): readonly Step[] {
  const steps: Step[] = [];
  let before: OldValues = Object.freeze(handOutValues(stored, keeper));
  for (let version = from + 1; version <= to; version++) {
    const migration = migrationTo(migrations, version);
    if (migration === undefined) continue;
    const after = runStep(migration, version, before);
    steps.push({ to: version, migration, before, after });
    before = Object.freeze({ ...after });
  }
  return steps;
}

function runStep({ state }: Migration, to: number, before: OldValues): OldValues {
  let after: unknown;
  try {
    after = state(before);
  } catch (cause) {
    throw new Unmigratable(`its migration threw (${describe(cause)}).`, to, {}, cause);
  }
  if (isPlainObject(after)) return after;
  throw new Unmigratable('its migration must return, at once, a plain object of values by channel.', to);
}

/**
 * Whether a step left a channel as it was: it hands on what the channel holds, and would hand on anything.
 *
 * The value alone does not tell: a migration that doubles a total of 0, or maps over an empty list, changes what updates
 * mean and not what they are to be folded into.
 */
export function isUnchanged({ migration, before, after }: Step, channel: string): boolean {
  if (!Object.hasOwn(before, channel) || !Object.hasOwn(after, channel)) return false;
  if (!Object.is(before[channel], after[channel])) return false;
  const anything = Object.freeze({});
  try {
    const probed = migration.state(Object.freeze({ ...before, [channel]: anything }));
    return Object.is(probed[channel], anything);
  } catch {
    return false;
  }
}

/**
 * What the last step gave as a state's values: every channel there, checked and kept. What came through unchanged is the
 * stored value itself, so that nothing of it is stored again.
 *
 * @throws Unmigratable naming the channel.
 */
export async function fitChannels(
  channels: Channels,
  steps: readonly Step[],
  stored: Values,
  keeper: ValueKeeper,
): Promise<Values> {
  const last = steps.at(-1);
  if (last === undefined) return stored;
  const { after, to } = last;
  for (const name of Object.keys(after))
    if (!Object.hasOwn(channels, name)) {
      const remedy = 'Leave it out of what the migration returns, or make it a channel.';
      throw new Unmigratable(`it has ${quoteId(name)}, which is no channel of the state. ${remedy}`, to, {
        channel: name,
      });
    }
  const given = steps[0]?.before ?? {};
  const values: [string, unknown][] = [];
  for (const [name, channel] of Object.entries(channels)) {
    const isStored = Object.hasOwn(after, name) && Object.hasOwn(stored, name) && Object.is(after[name], given[name]);
    const value = isStored ? stored[name] : Object.hasOwn(after, name) ? after[name] : channel.initial;
    try {
      const admitted = await channel.admitValue(isStored ? given[name] : value);
      values.push([name, isStored ? value : keeper.keep(admitted)]);
    } catch (cause) {
      const path = cause instanceof Rejection ? cause.path : '';
      throw new Unmigratable(`${name}${path} does not fit: ${describe(cause)}`, to, { channel: name }, cause);
    }
  }
  return Object.fromEntries(values);
}

export function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
