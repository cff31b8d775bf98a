/** The channel that folds by a function of the user's. */
import type { Channel } from './channel.js';
import type { Schema } from './schema.js';
import { checked } from './value.js';

/**
 * A channel folded by `fold(current, update)`, in the fixed order of the tasks that wrote it.
 *
 * Reading never runs the function: stored values are values, so changing it later rewrites no history.
 *
 * @param fold - must be deterministic, and return the new value: what it is handed is frozen, or a copy where it can't be.
 * @param schema - any Standard Schema of an update; what it returns is handed to `fold`.
 */
export function reduce<Value, Update>(
  initial: Value,
  fold: (current: Value, update: Update) => Value,
): Channel<Value, Update>;
export function reduce<Value, Input, Output>(
  initial: Value,
  fold: (current: Value, update: Output) => Value,
  schema: Schema<Input, Output>,
): Channel<Value, Input, Output>;
export function reduce<Value>(
  initial: Value,
  fold: (current: Value, update: never) => Value,
  schema?: Schema,
): Channel<Value, unknown> {
  return {
    kind: 'reduce',
    initial,
    schema,
    admitValue: (held) => held,
    admit: (update) => (schema ? checked(schema, update) : update),
    fold: (current, admitted, keeper) => fold(keeper.handOut(current), keeper.handOut(admitted) as never),
  };
}
