/** Channels that a graph and its sub-graph share: how their values go in and come out where no mapping says so. */
import { isDeepStrictEqual } from 'node:util';
import type { Channel, Channels } from './channel.js';
import type { Values } from './values.js';

/** The update that gives a sub-graph the values of the channels it shares with a state, or with a `Send`'s input. */
export function sharedInput(channels: Channels, state: unknown): Values {
  const given = (state ?? {}) as Values;
  const shared = Object.keys(channels).filter((name) => Object.hasOwn(given, name));
  return Object.fromEntries(shared.map((name) => [name, given[name]]));
}

/** The update that changes the outer channels as a sub-graph has changed its own since it began. */
export function sharedOutput(outer: Channels, before: Values, after: Values): Values {
  const changes = Object.keys(after).flatMap((name) => {
    const channel = outer[name];
    const change = channel && changeOf(channel, before[name], after[name]);
    return change === undefined ? [] : [[name, change] as const];
  });
  return Object.fromEntries(changes);
}

function changeOf({ kind }: Channel<unknown, unknown>, before: unknown, after: unknown): unknown {
  if (Object.is(before, after)) return undefined;
  if (kind === 'list') return appended(before as readonly unknown[], after as readonly unknown[]);
  if (kind === 'record') return merged(before as Values, after as Values);
  return isDeepStrictEqual(before, after) ? undefined : after;
}

/** A list only grows. */
function appended(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] | undefined {
  return after.length > before.length ? after.slice(before.length) : undefined;
}

function merged(before: Values, after: Values): Values | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter(
    (name) =>
      Object.hasOwn(before, name) !== Object.hasOwn(after, name) || !isDeepStrictEqual(before[name], after[name]),
  );
  return changed.length === 0 ? undefined : Object.fromEntries(changed.map((name) => [name, after[name]]));
}
