/**
 * Brings the schema up to date: numbered migrations, all in one transaction with their rows in `migrations`, and the fence
 * that refuses tables which a newer version has changed in a way this one would break.
 */
import { SaverUnavailableError, SchemaMissingError, SchemaTooNewError } from '@cairn/checkpoint-core';
import { sqlState } from './classify-error.js';
import type { Connection } from './connection.js';
import { migrations as sources } from './migrations.generated.js';
import { inSchema, quoteName, quoteText } from './schema-name.js';
import { inTransaction } from './transaction.js';

interface Migration {
  /** The number the file's name begins with. */
  readonly id: number;
  readonly name: string;
  /** True when a version that does not know this migration must not use the tables any more. */
  readonly breaking: boolean;
  readonly sql: string;
}

interface AppliedMigration {
  readonly id: number;
  readonly name: string;
  readonly breaking: boolean;
}

const migrations: readonly Migration[] = sources.map(({ name, sql }) => ({
  id: Number.parseInt(name, 10),
  name,
  breaking: /^-- Breaking: yes/m.test(sql),
  sql,
}));
const newest = migrations.at(-1)?.id ?? 0;

// Freed by the end of the transaction, however it ends; no session holds it.
const lockOfSchema = "pg_advisory_xact_lock(pg_catalog.hashtextextended('cairn migrations of ' || $1, 0))";

const createTable = `CREATE TABLE @schema.migrations (
  id         integer NOT NULL PRIMARY KEY,
  name       text NOT NULL,
  breaking   boolean NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`;

const selectApplied = `
  SELECT id, name, breaking, current_setting('server_encoding') AS encoding FROM @schema.migrations ORDER BY id`;

const insertMigration = 'INSERT INTO @schema.migrations (id, name, breaking) VALUES ($1, $2, $3)';

/**
 * Applies what is missing. Many processes may do so at once: one does, the others wait and find it done.
 *
 * @throws SchemaTooNewError
 * @throws SchemaMissingError when something is missing and this user may not make it.
 */
export async function migrate(db: Connection, schema: string): Promise<void> {
  const applied = await readApplied(db);
  checkFence(applied ?? [], schema);
  if (applied !== undefined && migrations.every(({ id }) => isApplied(applied, id))) return;
  try {
    await inTransaction(db, 'migrate', () => applyMissing(db, schema));
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    throw new SchemaMissingError(
      `The schema ${schema} lacks tables of Cairn's, and this database user may not make them. Have its owner call ` +
        '`await saver.setup()`, or run what `saver.migrationSql()` returns.',
      { cause: error },
    );
  }
}

/**
 * Checks that the tables are there and that this version may use them. Needs no right but to read.
 *
 * @throws SchemaMissingError, SchemaTooNewError
 */
export async function checkSchema(db: Connection, schema: string): Promise<void> {
  const applied = (await readApplied(db)) ?? [];
  checkFence(applied, schema);
  const missing = migrations.find(({ id }) => !isApplied(applied, id));
  if (missing === undefined) return;
  throw new SchemaMissingError(
    `The schema ${schema} lacks ${applied.length === 0 ? "Cairn's tables" : `migration ${missing.name}`}. Make them with ` +
      '`await saver.setup()`, or have its owner run what `saver.migrationSql()` returns.',
  );
}

/** The statements that make everything anew, or what came after migration number `after`. */
export function migrationSql(schema: string, after: number): string {
  const parts = migrations
    .filter(({ id }) => id > after)
    .flatMap((migration) => [
      migration.sql,
      `INSERT INTO @schema.migrations (id, name, breaking) VALUES (${migration.id}, '${migration.name}', ${migration.breaking});\n`,
    ]);
  const first = after > 0 ? [] : ['CREATE SCHEMA IF NOT EXISTS @schema;\n', `${createTable};\n`];
  // The literal is put in by itself: it may hold whatever stands for something elsewhere, such as @schema.
  const lock = `SELECT ${lockOfSchema.replace('$1', () => quoteText(schema))};\n`;
  return ['BEGIN;\n', lock, ...[...first, ...parts, 'COMMIT;\n'].map((sql) => inSchema(sql, schema))].join('\n');
}

async function applyMissing(db: Connection, schema: string): Promise<void> {
  const database = await db.get<{ encoding: string }>("SELECT current_setting('server_encoding') AS encoding");
  checkEncoding(database?.encoding ?? '');
  await db.all(`SELECT ${lockOfSchema}`, schema);
  // Making one where there is one asks for the same right, which a user of a schema made for it may lack.
  if ((await db.get('SELECT FROM pg_namespace WHERE nspname = $1', schema)) === undefined) {
    await db.all('CREATE SCHEMA IF NOT EXISTS @schema');
  }
  const table = await db.get<{ found: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS found',
    `${quoteName(schema)}.migrations`,
  );
  if (table?.found !== true) await db.all(createTable);
  const applied = await db.all<AppliedMigration>(selectApplied);
  checkFence(applied, schema);
  for (const { id, name, breaking, sql } of migrations) {
    if (isApplied(applied, id)) continue;
    await db.exec(inSchema(sql, schema));
    await db.all(insertMigration, id, name, breaking);
  }
}

/** @returns undefined when there is no table to read from. */
async function readApplied(db: Connection): Promise<AppliedMigration[] | undefined> {
  try {
    const rows = await db.all<AppliedMigration & { readonly encoding: string }>(selectApplied);
    // Without a row the tables are not made yet, and making them checks it.
    if (rows[0] !== undefined) checkEncoding(rows[0].encoding);
    return rows;
  } catch (error) {
    // No such table, no such schema.
    if (sqlState(error) === '42P01' || sqlState(error) === '3F000') return undefined;
    throw error;
  }
}

function checkEncoding(encoding: string): void {
  if (encoding === 'UTF8') return;
  throw new SaverUnavailableError(
    `The database keeps text as ${encoding}, which has not every character. Make one with the encoding UTF8.`,
    { retryable: false },
  );
}

function checkFence(applied: readonly AppliedMigration[], schema: string): void {
  const tooNew = applied.findLast(({ id, breaking }) => id > newest && breaking);
  if (tooNew === undefined) return;
  throw new SchemaTooNewError(
    `The tables in schema ${schema} were changed by a newer Cairn (migration ${tooNew.name}), and this version knows ` +
      `migrations up to ${newest}. Upgrade @cairn/saver-postgres here, or use another schema.`,
  );
}

function isApplied(applied: readonly AppliedMigration[], id: number): boolean {
  return applied.some((each) => each.id === id);
}
