/** Whether a user who may write the tables may commit: what a grant on FUNCTIONS, or one from before a migration, leaves out. */
import { lacksRight } from './classify-error.js';
import type { Connection } from './connection.js';

/** What a commit, a write batch and a read call. The schema may hold others, an extension's or an application's own. */
const needed = [
  ...[
    'clock_ms',
    'get',
    'lease_refusal',
    'make_thread',
    'outlive_fence',
    'place_refusal',
    'put',
    'put_next',
    'put_writes',
  ],
  ...['refresh_tokens', 'refusal', 'take_place'],
];

// Who may not insert a thread only looks.
const selectForbidden = `
  SELECT p.proname AS name FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_class AS t ON t.relnamespace = n.oid AND t.relname = 'threads'
  WHERE n.nspname = $1 AND p.proname = ANY ($2) AND NOT pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
    AND pg_catalog.has_table_privilege(t.oid, 'INSERT')
  ORDER BY p.proname LIMIT 1`;

/** @throws SaverUnavailableError which names a routine that this user may not execute, and the grant that is missing. */
export async function checkRights(db: Connection, schema: string): Promise<void> {
  const forbidden = await db.get<{ readonly name: string }>(selectForbidden, schema, needed);
  if (forbidden !== undefined) throw lacksRight(schema, `(EXECUTE on ${forbidden.name})`);
}
