/** A state's values: what a checkpoint holds completed by what was never written, and the views that are handed out. */
import type { ValueKeeper } from '@cairn/checkpoint-core';
import type { Channels } from './channel.js';

/** Every channel's value: kept by core, or a channel's initial one. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * A checkpoint's values with the initial value of each channel that has none, in the order of the state's definition: a store
 * hands them out in another, and a node that spells its state out must come to the same after a crash.
 */
export function completeValues(channels: Channels, stored: Values): Values {
  if (isComplete(channels, stored)) return stored;
  return Object.fromEntries(
    Object.entries(channels).map(([name, channel]) => [name, valueIn(stored, name, channel.initial)]),
  );
}

/** True of what this run folded, unless it began at a checkpoint that a store read, or that lacks or exceeds a channel. */
function isComplete(channels: Channels, stored: Values): boolean {
  const [names, held] = [Object.keys(channels), Object.keys(stored)];
  return names.length === held.length && names.every((name, index) => name === held[index]);
}

function valueIn(stored: Values, name: string, initial: unknown): unknown {
  return Object.hasOwn(stored, name) ? stored[name] : initial;
}

/** Every value kept; most are. */
export function keepValues(values: Values, keeper: ValueKeeper): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, keeper.keep(value)]));
}

/** Every value as a caller may have it. */
export function handOutValues(values: Values, keeper: ValueKeeper): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, keeper.handOut(value)]));
}

function isShareable(values: Values, keeper: ValueKeeper): boolean {
  for (const name of Object.keys(values)) if (!keeper.isShareable(values[name])) return false;
  return true;
}

/**
 * What a node sees: each channel handed out when it is first read, so that an untouched one costs nothing, and changing
 * what was read is refused or has no effect on the state or on another task.
 */
export function viewOf(values: Values, keeper: ValueKeeper): Values {
  if (isShareable(values, keeper)) return Object.freeze({ ...values });
  const view = {};
  for (const name of Object.keys(values)) {
    let shown: { readonly value: unknown } | undefined;
    const get = () => {
      shown ??= { value: keeper.handOut(values[name]) };
      return shown.value;
    };
    Object.defineProperty(view, name, { enumerable: true, get });
  }
  // Logged in a node, the view shows its values and not "[Getter]".
  Object.defineProperty(view, Symbol.for('nodejs.util.inspect.custom'), { value: () => ({ ...view }) });
  return Object.freeze(view);
}
