/** A state's values: what a checkpoint holds completed by what was never written, and the views that are handed out. */

import type { Copy } from './admit.js';
import type { Channels } from './channel.js';

/** Every channel's value, the runtime's own; never handed out but as a copy. */
export type Values = Readonly<Record<string, unknown>>;

/** A checkpoint's values with the initial value of each channel that has none. */
export function completeValues(channels: Channels, stored: Values): Values {
  return Object.fromEntries(
    Object.entries(channels).map(([name, channel]) => [name, valueIn(stored, name, channel.initial)]),
  );
}

function valueIn(stored: Values, name: string, initial: unknown): unknown {
  return Object.hasOwn(stored, name) ? stored[name] : initial;
}

/** A copy of every value, for a caller. */
export function copyValues(values: Values, copy: Copy): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, copyOf(value, copy)]));
}

/**
 * What a node sees: each channel copied when it is first read, so that an untouched one costs nothing, and changing what
 * was read has no effect on the state or on another task.
 */
export function viewOf(values: Values, copy: Copy): Values {
  const view = {};
  for (const name of Object.keys(values)) {
    let copied: { readonly value: unknown } | undefined;
    const get = () => {
      copied ??= { value: copyOf(values[name], copy) };
      return copied.value;
    };
    Object.defineProperty(view, name, { enumerable: true, get });
  }
  // Logged in a node, the view shows its values and not "[Getter]".
  Object.defineProperty(view, Symbol.for('nodejs.util.inspect.custom'), { value: () => ({ ...view }) });
  return Object.freeze(view);
}

/** A copy of what can be changed; the rest needs none. Functions and symbols are for `copy` to refuse. */
export function copyOf(value: unknown, copy: Copy): unknown {
  return value === null || atoms.has(typeof value) ? value : copy(value);
}

const atoms: ReadonlySet<string> = new Set(['undefined', 'boolean', 'number', 'bigint', 'string']);
