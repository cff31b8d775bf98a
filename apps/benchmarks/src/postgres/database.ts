/** The database the PostgreSQL measurements share: schemas of their own for ours, for the peer's, and for what is the floor. */
import { randomBytes } from 'node:crypto';
import { startPostgres } from '@cairn/local-postgres';
import { Pool } from 'pg';

/** In bytes. */
export interface Size {
  readonly tables: number;
  readonly indexes: number;
}

export interface BenchDatabase {
  readonly connectionString: string;
  readonly ours: string;
  readonly theirs: string;
  /** As many connections as the saver that is measured has. */
  readonly floor: Pool;
  /** A table `steps` of bytes, for bare statements. */
  readonly steps: string;
  /** Of a schema's tables, once vacuumed. */
  sizeOf(schema: string): Promise<Size>;
  close(): Promise<void>;
}

export const connections = 16;

export async function openDatabase(): Promise<BenchDatabase> {
  const { connectionString, stop } = await startPostgres();
  const name = `bench_${randomBytes(4).toString('hex')}`;
  const [ours, theirs, plain] = [`${name}_ours`, `${name}_theirs`, `${name}_floor`];
  const floor = new Pool({ connectionString, max: connections });
  const steps = `${plain}.steps`;
  // The server stops with the measurements, and may do so before a connection has closed.
  floor.on('error', () => {});
  await floor.query(`CREATE SCHEMA ${plain}`);
  await floor.query(`CREATE TABLE ${steps} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, bytes bytea NOT NULL)`);
  await floor.query(`ALTER TABLE ${steps} ALTER COLUMN bytes SET STORAGE EXTERNAL`);
  return {
    connectionString,
    ours,
    theirs,
    floor,
    steps,
    sizeOf: async (schema) => {
      const { rows } = await floor.query<{ name: string }>(
        `SELECT c.oid::regclass::text AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relkind = 'r'`,
        [schema],
      );
      let [tables, indexes] = [0, 0];
      for (const { name: table } of rows) {
        await floor.query(`VACUUM ${table}`);
        const size = await floor.query<{ own: string; indexes: string }>(
          'SELECT pg_table_size($1) AS own, pg_indexes_size($1) AS indexes',
          [table],
        );
        tables += Number(size.rows[0]?.own);
        indexes += Number(size.rows[0]?.indexes);
      }
      return { tables, indexes };
    },
    close: async () => {
      for (const schema of [ours, theirs, plain]) await floor.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await floor.end();
      await stop();
    },
  };
}
