/** Asks a Standard Schema (zod, valibot, arktype …) and speaks of its issues in one line. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isPromise } from './maybe-promise.js';

export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>;

export type Validation<Output> = { readonly value: Output } | { readonly problem: string; readonly path: string };

/** The schema's output, or what is wrong with the first path that it names. */
export function validate<Output>(
  schema: Schema<unknown, Output>,
  value: unknown,
): Validation<Output> | Promise<Validation<Output>> {
  const result = schema['~standard'].validate(value);
  // Told by its method: a promise may come from another realm, as it does under jest.
  return isPromise(result) ? Promise.resolve(result).then(summarize) : summarize(result);
}

function summarize<Output>(result: StandardSchemaV1.Result<Output>): Validation<Output> {
  if (result.issues === undefined) return { value: result.value };
  const [first] = result.issues;
  const more = result.issues.length > 1 ? ` (and ${result.issues.length - 1} more)` : '';
  return { problem: `${first?.message ?? 'it does not fit its schema'}${more}.`, path: pathOf(first) };
}

function pathOf(issue: StandardSchemaV1.Issue | undefined): string {
  const keys = (issue?.path ?? []).map((segment) => (typeof segment === 'object' ? segment.key : segment));
  return keys.map(keyStep).join('');
}

/** The step from a container to the value at one of its keys: `[3]`, `.name`, `["odd name"]`. */
export function keyStep(key: PropertyKey): string {
  if (typeof key === 'number') return `[${key}]`;
  const text = String(key);
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text) ? `.${text}` : `[${JSON.stringify(text)}]`;
}
