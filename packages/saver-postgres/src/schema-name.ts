/** The name of the schema, in statements and in messages. */
import { InvalidArgumentError } from '@cairn/checkpoint-core';

/** PostgreSQL cuts longer names off in silence. */
const mostBytes = 63;

/** @throws InvalidArgumentError unless a schema can have this very name. */
export function checkSchemaName(name: unknown): asserts name is string {
  const isName =
    typeof name === 'string' &&
    name !== '' &&
    name.isWellFormed() &&
    !name.includes('\0') &&
    Buffer.byteLength(name) <= mostBytes &&
    !name.startsWith('pg_');
  if (isName) return;
  throw new InvalidArgumentError(
    `schema must be a name of 1 to ${mostBytes} bytes that does not begin with pg_, not ${JSON.stringify(name)}.`,
  );
}

/** Any text is a name once it is quoted. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Puts the schema's name where `@schema` stands in a statement. */
export function inSchema(sql: string, schema: string): string {
  return sql.replaceAll('@schema', () => quoteName(schema));
}
