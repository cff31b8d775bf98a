/**
 * The tables can be distributed by thread: each key has `thread_id`, and each statement stays with one thread, but for those that
 * look for threads. These are Citus's rules, held by parsing; docs/postgres.md says how it is done.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { rawDigest } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { batchOn, commitAfter } from './fixtures/commits.mjs';
import { collect } from './fixtures/outcomes.js';
import { findAll, functionBodies, isNode, type Node, names, parseAll } from './fixtures/parsed-sql.js';
import { createStore, open } from './fixtures/stores.js';
import { unboundTables } from './fixtures/thread-bound.js';
import { tracedPool } from './fixtures/traced-pool.js';

const folder = new URL('../sql/', import.meta.url);
const files = readdirSync(folder)
  .sort()
  .map((file) => readFileSync(new URL(file, folder), 'utf8').replaceAll('@schema', 'cairn'));
const script = files.join('\n');
const statements = parseAll(script);

describe('the tables', () => {
  const tables = statements.flatMap(({ CreateStmt }) => (isNode(CreateStmt) ? [CreateStmt] : []));

  it('each have thread_id first, and first in their primary key', () => {
    expect(tables.length).toBeGreaterThanOrEqual(6);
    for (const table of tables) {
      const columns = findAll(table, 'ColumnDef');
      expect(columns[0]?.['colname']).toBe('thread_id');
      const keys = findAll(table, 'Constraint').filter(({ contype }) => contype === 'CONSTR_PRIMARY');
      expect(keys).toHaveLength(1);
      // A key of one column is written beside the column.
      expect(names(keys[0]?.['keys'])[0] ?? 'thread_id').toBe('thread_id');
    }
  });

  it('have thread_id in each unique index, and nothing that reaches beyond a node', () => {
    const indexes = findAll(statements, 'IndexStmt').filter(({ unique }) => unique === true);
    expect(indexes.length).toBeGreaterThan(0);
    for (const index of indexes) expect(findAll(index, 'IndexElem').map(({ name }) => name)).toContain('thread_id');
    const kinds = findAll(statements, 'Constraint').map(({ contype }) => contype);
    for (const kind of ['CONSTR_FOREIGN', 'CONSTR_UNIQUE', 'CONSTR_EXCLUSION', 'CONSTR_IDENTITY']) {
      expect(kinds).not.toContain(kind);
    }
    for (const kind of ['CreateSeqStmt', 'CreateTrigStmt', 'RuleStmt']) expect(findAll(statements, kind)).toEqual([]);
    expect(findAll(tables, 'TypeName').flatMap(names)).not.toContain('bigserial');
  });

  it('are changed by a later migration only in ways that a distributed table takes, or can do without', () => {
    expect(refusedChanges('ALTER TABLE cairn.a ADD COLUMN b bytea; ALTER TABLE cairn.a RENAME COLUMN b TO c')).toEqual(
      [],
    );
    expect(refusedChanges('CREATE TABLE cairn.a (b bytea); ALTER TABLE cairn.a ALTER b SET STORAGE EXTERNAL')).toEqual(
      [],
    );
    const change = 'ALTER TABLE cairn.a ALTER COLUMN b SET STORAGE EXTERNAL;';
    expect(refusedChanges(change)).toEqual(['a AT_SetStorage']);
    expect(refusedChanges(`DO $$ BEGIN ${change} END $$`)).toEqual(['a block']);
    expect(refusedChanges(`DO $$ BEGIN ${change} EXCEPTION WHEN feature_not_supported THEN END $$`)).toEqual([]);
    for (const file of files) expect(refusedChanges(file)).toEqual([]);
  });
});

/** What Citus hands on to the nodes, of what ALTER TABLE can do; it refuses the rest of a table that is distributed. */
const takenChanges = [
  'AT_AddColumn',
  'AT_DropColumn',
  'AT_ColumnDefault',
  'AT_AlterColumnType',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_AddConstraint',
  'AT_DropConstraint',
];

/** The changes in one migration that Citus refuses of a table which was there before. */
function refusedChanges(sql: string): string[] {
  const parsed = parseAll(sql);
  const made = findAll(parsed, 'CreateStmt').map(({ relation }) => (relation as Node)['relname']);
  const changes = findAll(parsed, 'AlterTableStmt')
    .map((change) => ({ table: (change['relation'] as Node)['relname'], commands: findAll(change, 'AlterTableCmd') }))
    .filter(({ table }) => !made.includes(table))
    .flatMap(({ table, commands }) => commands.map(({ subtype }) => ({ table, subtype: String(subtype) })))
    .filter(({ subtype }) => !takenChanges.includes(subtype))
    .map(({ table, subtype }) => `${String(table)} ${subtype}`);
  const blocks = findAll(parsed, 'DoStmt')
    .map((block) => JSON.stringify(block))
    .filter((text) => text.includes('ALTER TABLE') && !text.includes('EXCEPTION WHEN feature_not_supported'));
  return [...changes, ...blocks.map(() => 'a block')];
}

describe('the statements', () => {
  it('that are bound to no thread are seen', () => {
    const unbound = (sql: string): string[] => parseAll(sql).flatMap((one) => unboundTables(one));
    expect(unbound('SELECT FROM cairn.records WHERE seq = 1')).toEqual(['SelectStmt records']);
    expect(unbound('SELECT FROM cairn.a JOIN cairn.b ON a.seq = b.seq WHERE a.thread_id = $1')).toEqual([
      'SelectStmt b',
    ]);
    expect(unbound('DELETE FROM cairn.a WHERE key = $1')).toEqual(['DeleteStmt a']);
    expect(unbound('SELECT EXISTS (SELECT FROM cairn.a)')).toEqual(['SelectStmt a']);
    expect(unbound('INSERT INTO cairn.a (seq) VALUES ($1)')).toEqual(['InsertStmt a']);
    expect(unbound('SELECT FROM cairn.a JOIN cairn.b USING (thread_id) WHERE a.thread_id = $1')).toEqual([]);
  });

  const bodies = functionBodies(script);

  it.each([...bodies])('in the function %s stay with its thread', (_, body) => {
    expect(body.flatMap((statement) => unboundTables(statement))).toEqual([]);
  });

  it('of every method stay with its thread, or are calls of a function whose first argument is the thread', async () => {
    const texts = await sentTexts();
    const parsed = texts.flatMap((text) => parseAll(text));
    expect(parsed.flatMap((statement) => unboundTables(statement))).toEqual([]);
    const called = new Set(
      [
        ...findAll(parsed, 'FuncCall'),
        ...findAll(parsed, 'CallStmt').flatMap(({ funccall }) => (isNode(funccall) ? [funccall] : [])),
      ]
        .map(({ funcname }) => names(funcname))
        .filter(([schema]) => schema === 'cairn'),
    );
    for (const [, name = ''] of called)
      expect(firstArgument(name)).toMatch(name === 'copy_thread' ? /^p_from$/ : /^p_thread$/);
    expect(called.size).toBeGreaterThan(8);
  });
});

function firstArgument(name: string): string {
  const found = findAll(statements, 'CreateFunctionStmt').find(({ funcname }) => names(funcname)[1] === name);
  return String((findAll(found?.['parameters'], 'FunctionParameter')[0] as Node | undefined)?.['name']);
}

/** What each method sends, but for those that look for threads: `listThreads`, and `scan` without one. */
async function sentTexts(): Promise<string[]> {
  const store = await createStore();
  const pool = tracedPool(store.connectionString);
  const saver = open(store, { pool });
  await saver.setup();
  pool.queries.length = 0;
  const first = commitAfter(undefined);
  const head = { threadId: 'thread', namespace: [] };
  await saver.put(first);
  await saver.putWrites(batchOn(first, ['update/0']));
  await saver.put(commitAfter(first, { consumes: 'all' }));
  await saver.get(head);
  await collect(saver.list({ ...head, limit: 1 }));
  await collect(saver.list({ ...head, beforeSeq: 2, order: 'desc' }));
  await saver.copyThread('thread', 'copy', { ...head, checkpointId: first.checkpointId });
  const rows = await collect(saver.scan('copy'));
  await saver.restore('restored', saver.scan('copy'));
  const row = rows.find(({ kind }) => kind === 'checkpoint');
  if (row !== undefined) await saver.replace('copy', [row], [rawDigest(row)]);
  await saver.prune(head, [first.checkpointId]);
  const lease = await saver.acquireLease('thread', { holder: 'h', ttlMs: 60_000 });
  await saver.releaseLease(await saver.renewLease(lease, 60_000));
  await saver.deleteThread('thread');
  await pool.end();
  return [...new Set(pool.queries.map(({ text }) => text.replaceAll(`"${store.schema}"`, 'cairn')))];
}
