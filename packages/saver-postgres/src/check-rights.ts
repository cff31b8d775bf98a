/** Whether a user who may commit some may commit all: what a grant on FUNCTIONS, or one from before a migration, leaves out. */
import { lacksRight } from './classify-error.js';
import type { Connection } from './connection.js';

// Who may not even store pending writes only looks.
const selectForbidden = `
  SELECT p.proname AS name FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  WHERE n.nspname = $1 AND NOT pg_catalog.has_function_privilege(p.oid, 'EXECUTE') AND EXISTS (
    SELECT FROM pg_catalog.pg_proc AS w
    WHERE w.pronamespace = n.oid AND w.proname = 'put_writes' AND pg_catalog.has_function_privilege(w.oid, 'EXECUTE'))
  ORDER BY p.proname LIMIT 1`;

/** @throws SaverUnavailableError which names a routine that this user may not execute, and the grant that is missing. */
export async function checkRights(db: Connection, schema: string): Promise<void> {
  const forbidden = await db.get<{ readonly name: string }>(selectForbidden, schema);
  if (forbidden !== undefined) throw lacksRight(schema, `(EXECUTE on ${forbidden.name})`);
}
