/** The name of the schema, in statements and in messages. */
import { InvalidArgumentError } from '@cairn/checkpoint-core';

/** PostgreSQL cuts longer names off in silence. */
const mostBytes = 63;

/** Ends what a name may stand in: a line comment, or the body of a function (`AS $$ … $$`). A NUL ends any text. */
const breaksOut = /\p{Cc}|\$\$/u;

/** @throws InvalidArgumentError unless a schema can have this very name. */
export function checkSchemaName(name: unknown): asserts name is string {
  const isName =
    typeof name === 'string' &&
    name !== '' &&
    name.isWellFormed() &&
    !breaksOut.test(name) &&
    Buffer.byteLength(name) <= mostBytes &&
    !name.startsWith('pg_');
  if (isName) return;
  throw new InvalidArgumentError(
    `schema must be a name of 1 to ${mostBytes} bytes that does not begin with pg_ and holds no $$ and no ` +
      `control character, not ${JSON.stringify(name)}.`,
  );
}

/** Any text is a name once it is quoted. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a literal. */
export function quoteText(text: string): string {
  return `${text.includes('\\') ? ' E' : ''}'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** Puts the schema's name where `@schema` stands in a statement. */
export function inSchema(sql: string, schema: string): string {
  return sql.replaceAll('@schema', () => quoteName(schema));
}
