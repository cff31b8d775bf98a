/** Listing threads reads those that are asked for, by an index, however many there are beside them. */
import type { ThreadQuery } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { asAdmin, createStore, open } from './fixtures/stores.js';
import { tracedPool } from './fixtures/traced-pool.js';

const hour = 3_600_000;
/** Of 20,000 threads one in a thousand waits for somebody, is older than the rest, and has a token of its own. */
const fill = [
  `INSERT INTO @schema.threads (thread_id, origin, status, created_at, updated_at, updated_hour)
   SELECT id, id, CASE WHEN n % 1000 = 0 THEN 'interrupted' ELSE 'completed' END, 0, hours * ${hour}::double precision, hours
   FROM (SELECT n, 'thread ' || n AS id, CASE WHEN n % 1000 = 0 THEN 1 ELSE 100 + n % 24 END AS hours
     FROM generate_series(1, 20000) AS n) AS t`,
  `INSERT INTO @schema.tokens (thread_id, token)
   SELECT 'thread ' || n, CASE WHEN n % 1000 = 0 THEN 'rare' ELSE 'user ' || n % 500 END FROM generate_series(1, 20000) AS n`,
  'ANALYZE @schema.threads',
  'ANALYZE @schema.tokens',
];

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly Plans?: readonly Plan[];
}

function* nodesOf(plan: Plan): Generator<Plan> {
  yield plan;
  for (const child of plan.Plans ?? []) yield* nodesOf(child);
}

describe('a list of threads', { timeout: 60_000 }, () => {
  it.each([
    ['by status', { status: 'interrupted' }, 'threads_by_status'],
    ['by age', { updatedBefore: 2 * hour }, 'threads_by_age'],
    ['by metadata', { tokens: ['rare'] }, 'tokens_by_token'],
    ['by all of them', { status: 'interrupted', updatedBefore: 2 * hour, tokens: ['rare'] }, 'tokens_by_token'],
  ] as const satisfies readonly (readonly [string, ThreadQuery, string])[])('%s', async (_, query, index) => {
    const store = await createStore();
    const pool = tracedPool(store.connectionString);
    const saver = open(store, { pool });
    await saver.setup();
    await asAdmin(store, async (run) => {
      for (const sql of fill) await run(sql);
    });
    pool.queries.length = 0;
    const found: string[] = [];
    for await (const { threadId } of saver.listThreads(query)) found.push(threadId);
    expect(found).toHaveLength(20);
    const [sent] = pool.queries;
    const explained = await asAdmin(store, (run) =>
      run(`EXPLAIN (ANALYZE, FORMAT JSON) ${sent?.text}`, sent?.values as unknown[]),
    );
    const [{ Plan: plan }] = (explained[0] as { 'QUERY PLAN': [{ Plan: Plan }] })['QUERY PLAN'];
    const nodes = [...nodesOf(plan)];
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    for (const node of nodes) expect((node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1)).toBeLessThanOrEqual(40);
    await pool.end();
  });
});
