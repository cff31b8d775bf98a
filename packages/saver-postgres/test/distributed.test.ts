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
const script = readdirSync(folder)
  .sort()
  .map((file) => readFileSync(new URL(file, folder), 'utf8').replaceAll('@schema', 'cairn'))
  .join('\n');
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
});

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
