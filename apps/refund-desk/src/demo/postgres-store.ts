// The demo's store in PostgreSQL, read back through a saver of this process's own and asked about itself in SQL.
import { Client } from 'pg';
import type { DeskFiles } from '../paths.js';
import { makePostgresDesk } from '../threads/postgres-desk.js';
import { openSaver } from '../threads/thread-store.js';
import type { DemoOptions } from './demo-options.js';
import { CONCURRENCY, type DemoStore, type Integrity } from './demo-store.js';
import { readOutcomes } from './read-outcomes.js';
import { workerStarter } from './start-worker.js';

const sizeOfTables = `SELECT sum(pg_total_relation_size(c.oid)) AS bytes
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`;

// What either finds wrong is a row, or an error.
const damagedRows = `SELECT c.relname || ': ' || v.msg AS fault
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace, verify_heapam(c.oid, check_toast => true) AS v
  WHERE n.nspname = $1 AND c.relkind = 'r'`;
const checkIndexes = `SELECT bt_index_check(c.oid, heapallindexed => true)
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'i'`;

export async function postgresStore({ tickets, sabotage }: DemoOptions, files: DeskFiles): Promise<DemoStore> {
  const { ledger } = files;
  const { store, isOwn, stop } = await makePostgresDesk(files.postgres);
  const ask = async <T>(work: (db: Client) => Promise<T>): Promise<T> => {
    const db = new Client(store.connectionString);
    await db.connect();
    return work(db).finally(() => db.end());
  };
  return {
    start: workerStarter({ tickets, threads: store, ledger, sabotage, concurrency: CONCURRENCY }),
    readBack: async () => {
      const saver = openSaver(store);
      const outcomes = await readOutcomes(saver);
      await saver.close();
      return ask(async (db) => {
        const { rows } = await db.query<{ bytes: string }>(sizeOfTables, [store.schema]);
        const integrity = isOwn ? await checkTables(db, store.schema) : undefined;
        return { outcomes, bytes: Number(rows[0]?.bytes), integrity };
      });
    },
    close: async (keep) => {
      // In a folder of the desk's own, the data go with it.
      if (!keep && !isOwn) await ask((db) => db.query(`DROP SCHEMA IF EXISTS ${store.schema} CASCADE`));
      await stop();
    },
  };
}

async function checkTables(db: Client, schema: string): Promise<Integrity> {
  const passes = "the threads' tables pass PostgreSQL's amcheck";
  try {
    await db.query('CREATE EXTENSION IF NOT EXISTS amcheck');
    const { rows } = await db.query<{ fault: string }>(damagedRows, [schema]);
    await db.query(checkIndexes, [schema]);
    return { passes, answer: rows[0]?.fault ?? 'ok' };
  } catch (error) {
    return { passes, answer: (error as Error).message };
  }
}
