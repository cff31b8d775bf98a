/**
 * Brings the tables up to date: numbered migrations, each in one transaction with its row in `cairn_migrations`, and the
 * fence that refuses tables which a newer version has changed in a way this one would break.
 */
import { crashPoint, SchemaMissingError, SchemaTooNewError } from '@cairn/checkpoint-core';
import type { Connection } from './connection.js';
import { migrations as sources } from './migrations.generated.js';
import { inTransaction } from './transaction.js';
import { waitWhileBusy } from './wait-while-busy.js';

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
  readonly breaking: 0 | 1;
}

const migrations: readonly Migration[] = sources.map(({ name, sql }) => ({
  id: Number.parseInt(name, 10),
  name,
  breaking: /^-- Breaking: yes/m.test(sql),
  sql,
}));
const newest = migrations.at(-1)?.id ?? 0;

/**
 * Applies what is missing. Many processes may do so at once: each migration is looked for again with the lock held.
 *
 * @throws SchemaTooNewError
 */
export async function migrate(db: Connection, path: string, deadline: number): Promise<void> {
  checkFence(db, path);
  for (const migration of migrations) {
    if (isApplied(db, migration)) continue;
    const applyOnce = () => {
      checkFence(db, path);
      if (!isApplied(db, migration)) apply(db, migration);
      crashPoint('sqlite:migrate-inside');
    };
    crashPoint('sqlite:migrate-before');
    await waitWhileBusy(() => inTransaction(db, 'IMMEDIATE', applyOnce), deadline);
    crashPoint('sqlite:migrate-after');
  }
}

/**
 * Checks that the tables are there and that this version may use them.
 *
 * @throws SchemaMissingError, SchemaTooNewError
 */
export function checkSchema(db: Connection, path: string): void {
  checkFence(db, path);
  const missing = migrations.find((migration) => !isApplied(db, migration));
  if (missing === undefined) return;
  const what = readApplied(db).length === 0 ? "has no tables of Cairn's" : `lacks migration ${missing.name}`;
  throw new SchemaMissingError(
    `The database ${path} ${what}, and autoSetup is false. Make them with \`await saver.setup()\`.`,
  );
}

function checkFence(db: Connection, path: string): void {
  const tooNew = readApplied(db).findLast(({ id, breaking }) => id > newest && breaking === 1);
  if (tooNew === undefined) return;
  throw new SchemaTooNewError(
    `The tables in ${path} were changed by a newer Cairn (migration ${tooNew.name}), and this version knows migrations ` +
      `up to ${newest}. Upgrade @cairn/saver-sqlite here, or use another file.`,
  );
}

function isApplied(db: Connection, { id }: Migration): boolean {
  return readApplied(db).some((applied) => applied.id === id);
}

function readApplied(db: Connection): AppliedMigration[] {
  const table = db.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'cairn_migrations'");
  return table === undefined ? [] : db.all('SELECT id, name, breaking FROM cairn_migrations ORDER BY id');
}

function apply(db: Connection, { id, name, breaking, sql }: Migration): void {
  db.exec(`CREATE TABLE IF NOT EXISTS cairn_migrations (
    id         INTEGER NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    breaking   INTEGER NOT NULL,
    applied_at REAL    NOT NULL
  ) STRICT`);
  db.exec(sql);
  db.run(
    "INSERT INTO cairn_migrations (id, name, breaking, applied_at) VALUES (?, ?, ?, unixepoch('subsec') * 1000)",
    id,
    name,
    breaking ? 1 : 0,
  );
}
