/**
 * A schema of Cairn's as SQL text: what makes its tables, and an INSERT for each row, in the order of the keys. Our own, as
 * pg_dump does not come with the server's binaries of the npm package. `:schema` stands for the schema's quoted name.
 */
import { PostgresSaver } from '@cairn/saver-postgres';
import type { Client } from 'pg';

const placeholder = ':schema';

/** In the order in which they can be filled. */
const tables = ['threads', 'streams', 'checkpoints', 'records', 'writes', 'tokens'];

export async function dumpSchema(client: Client, schema: string): Promise<string> {
  const quoted = `"${schema}"`;
  const lines = [await tablesSql(schema)];
  for (const table of tables) {
    const columns = await client.query<{ name: string }>(
      'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position',
      [schema, table],
    );
    const names = columns.rows.map(({ name }) => name);
    const literals = names.map((name) => `quote_nullable(${name}::text)`).join(` || ', ' || `);
    const rows = await client.query<{ row: string }>(
      `SELECT ${literals} AS row FROM ${quoted}.${table} ORDER BY ${names.slice(0, 5).map((name) => `${name}::text COLLATE "C"`)}`,
    );
    for (const { row } of rows.rows)
      lines.push(`INSERT INTO ${placeholder}.${table} (${names.join(', ')}) VALUES (${row});`);
  }
  return `${lines.join('\n')}\n`;
}

/** What makes the tables today, as it stands at the beginning of a dump. */
export async function tablesSql(schema: string): Promise<string> {
  await using saver = new PostgresSaver({ connectionString: 'postgres://unused', schema });
  return saver.migrationSql().replaceAll(`"${schema}"`, placeholder).replaceAll(`'${schema}'`, "'golden'");
}

/** Runs a dump's text, as a schema of this name that does not exist. */
export async function loadDump(client: Client, dump: string, schema: string): Promise<void> {
  await client.query(dump.replaceAll(placeholder, `"${schema}"`));
}
