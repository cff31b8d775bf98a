/** The channel that holds things by key. */
import { type Channel, Rejection } from './channel.js';
import { isPlainObject } from './plain-object.js';
import { keyStep, type Schema, validate } from './schema.js';

type Entries<T> = Readonly<Record<string, T>>;

/**
 * A channel that holds a record; an update's keys are merged into it, and `undefined` deletes one.
 *
 * @param schema - any Standard Schema of one entry; each written entry must fit it, and what it returns is stored.
 */
export function record<T>(): Channel<Entries<T>, Entries<T | undefined>>;
export function record<Input, Output>(
  schema: Schema<Input, Output>,
): Channel<Entries<Output>, Entries<Input | undefined>, Entries<Output | undefined>>;
export function record(schema?: Schema): Channel<Entries<unknown>, Entries<unknown>> {
  return {
    kind: 'record',
    initial: {},
    schema,
    admit(update) {
      if (!isPlainObject(update))
        throw new Rejection('an update of a record is an object of the keys to set (undefined deletes one).');
      return schema ? checkedEntries(schema, update) : update;
    },
    admitValue(held) {
      if (!isPlainObject(held)) throw new Rejection('a record holds a plain object of its entries.');
      return schema ? checkedEntries(schema, held) : held;
    },
    fold(current, admitted) {
      // Through a Map and fromEntries: assigning would make `__proto__` something else than a key.
      const merged = new Map(Object.entries(current));
      for (const [key, entry] of Object.entries(admitted as Entries<unknown>)) {
        if (entry === undefined) merged.delete(key);
        else merged.set(key, entry);
      }
      return Object.fromEntries(merged);
    },
  };
}

async function checkedEntries(schema: Schema, update: Entries<unknown>): Promise<Entries<unknown>> {
  const entries = Object.entries(update).map(async ([key, entry]) => {
    if (entry === undefined) return [key, undefined] as const;
    const result = await validate(schema, entry);
    if ('problem' in result) throw new Rejection(result.problem, `${keyStep(key)}${result.path}`);
    return [key, result.value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
