/** The channel that grows. */
import { type Channel, Rejection } from './channel.js';
import { type Schema, validate } from './schema.js';

/**
 * A channel that holds a list; an update is an array, and its items are appended.
 *
 * @param schema - any Standard Schema of one item; each appended item must fit it, and what it returns is stored.
 */
export function list<T>(): Channel<readonly T[], readonly T[]>;
export function list<Input, Output>(
  schema: Schema<Input, Output>,
): Channel<readonly Output[], readonly Input[], readonly Output[]>;
export function list(schema?: Schema): Channel<readonly unknown[], readonly unknown[]> {
  return {
    kind: 'list',
    initial: [],
    schema,
    admit(update) {
      if (!Array.isArray(update)) throw new Rejection('an update of a list is an array of the items to append.');
      return schema ? checkedItems(schema, update) : update;
    },
    admitValue(held) {
      if (!Array.isArray(held)) throw new Rejection('a list holds an array.');
      return schema ? checkedItems(schema, held) : held;
    },
    fold: (current, admitted, keeper) => keeper.append(current, admitted as readonly unknown[]),
  };
}

async function checkedItems(schema: Schema, items: readonly unknown[]): Promise<unknown[]> {
  const results = await Promise.all(items.map((item) => validate(schema, item)));
  return results.map((result, index) => {
    if ('problem' in result) throw new Rejection(result.problem, `[${index}]${result.path}`);
    return result.value;
  });
}
