/** The channel that keeps the last write. */
import { type Channel, Rejection } from './channel.js';
import { type Schema, validate } from './schema.js';

/**
 * A channel that keeps what was last written to it. Two tasks that write it in one superstep are a
 * `ConflictingUpdateError`: no order between them would be right.
 *
 * An update of `undefined` counts as none, so a `value<T | undefined>` can't be set back to `undefined`: let `null` mean
 * "nothing" where that is needed.
 *
 * @param initial - its value before the first write.
 * @param schema - any Standard Schema; each update must fit it, and what it returns is stored.
 */
export function value<T>(initial: T): Channel<T, T>;
export function value<Input, Output>(initial: Output, schema: Schema<Input, Output>): Channel<Output, Input, Output>;
export function value(initial: unknown, schema?: Schema): Channel<unknown, unknown> {
  const admit = (update: unknown) => (schema ? checked(schema, update) : update);
  return {
    kind: 'value',
    initial,
    schema,
    admit,
    admitValue: admit,
    fold: (_, admitted) => admitted,
  };
}

/** The update as the schema returns it. @throws Rejection */
export async function checked(schema: Schema, update: unknown): Promise<unknown> {
  const result = await validate(schema, update);
  if ('problem' in result) throw new Rejection(result.problem, result.path);
  return result.value;
}
