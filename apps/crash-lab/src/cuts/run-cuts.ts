/** Runs threads of the counting graph on PostgreSQL while their connections are cut, and counts what is there in the end. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { createTestDatabase, dropTestDatabase, PostgresProxy } from '@cairn/local-postgres';
import { PostgresSaver } from '@cairn/saver-postgres';
import { countingGraph } from './counting-graph.js';
import { type CutKind, Cutter } from './cutter.js';

export interface CutsOptions {
  /** Of all threads together. */
  readonly supersteps: number;
  readonly threads: number;
  readonly cuts: number;
  readonly kinds: readonly CutKind[];
  /** A random number from 0 to 1. */
  readonly draw: () => number;
  readonly onProgress?: (supersteps: number, cuts: number) => void;
}

export interface CutsReport {
  readonly cuts: ReadonlyMap<CutKind, number>;
  /** How many commits and batches of pending writes were sent. */
  readonly writes: number;
  /** How many writes there would have been without a cut. */
  readonly neededWrites: number;
  /** What was lost, doubled or torn; empty when every promise was kept. */
  readonly broken: readonly string[];
}

export async function runCuts({
  supersteps,
  threads,
  cuts,
  kinds,
  draw,
  onProgress,
}: CutsOptions): Promise<CutsReport> {
  const database = await createTestDatabase();
  const proxy = await PostgresProxy.start(database.connectionString);
  const address = new URL(proxy.connectionString);
  address.searchParams.set('application_name', database.schema);
  const saver = new PostgresSaver({ connectionString: address.href, schema: database.schema, maxConnections: 4 });
  try {
    await saver.setup();
    const cutter = await Cutter.create(proxy, database.connectionString, database.schema, draw);
    const upTo = Math.floor(supersteps / threads);
    // Cuts are dealt over the run by the superstep they follow; several may fall on one.
    const moments = Array.from({ length: cuts }, () => 1 + Math.floor(draw() * (upTo * threads - threads)));
    const dealt = moments.sort((a, b) => a - b);
    const effects = new Map<string, number[]>();
    let began = 0;
    let next = 0;
    const graph = countingGraph(saver, upTo, {
      began() {
        began += 1;
        for (; next < dealt.length && (dealt[next] ?? 0) <= began; next += 1) {
          cutter.cut(kinds[Math.floor(draw() * kinds.length)] as CutKind);
        }
        onProgress?.(began, next);
      },
      happened: (threadId, superstep) => effects.get(threadId)?.push(superstep),
    });
    const ids = Array.from({ length: threads }, (_, i) => `thread ${i}`);
    for (const threadId of ids) effects.set(threadId, []);
    await Promise.all(ids.map((threadId) => graph.invoke({}, { threadId, maxSupersteps: upTo + 1 })));
    await cutter.end();
    proxy.recover();

    const broken: string[] = [];
    if (began !== upTo * threads) broken.push(`${began} nodes began for ${upTo * threads} supersteps`);
    for (const threadId of ids) broken.push(...(await faultsOf(saver, threadId, upTo, effects.get(threadId) ?? [])));
    const writes = proxy.countRequests(/\.put(?:_next|_writes)?\(/);
    return { cuts: cutter.done, writes, neededWrites: threads * (2 * upTo + 1), broken };
  } finally {
    await saver.close();
    await proxy.close();
    await dropTestDatabase(database);
  }
}

async function faultsOf(
  saver: PostgresSaver,
  threadId: string,
  upTo: number,
  effects: readonly number[],
): Promise<string[]> {
  const all = Array.from({ length: upTo }, (_, i) => i + 1);
  const broken: string[] = [];
  const check = (what: string, found: readonly unknown[], expected: readonly unknown[]): void => {
    const at = expected.findIndex((each, i) => each !== found[i]);
    if (at < 0 && found.length === expected.length) return;
    broken.push(`${threadId}: ${what}: ${found.length} for ${expected.length}, first other one at ${at}`);
  };
  const checkpointer = new Checkpointer({ saver });
  const latest = await checkpointer.load({ threadId });
  check('total', [latest?.values['total']], [upTo]);
  check('supersteps in the state', (latest?.values['done'] ?? []) as number[], all);
  check('effects', effects, all);

  const seqs: number[] = [];
  const parents: (string | undefined)[] = [];
  const checkpointIds: string[] = [];
  for await (const { seq, parentId, checkpointId } of checkpointer.infos({ threadId, order: 'asc' })) {
    seqs.push(seq);
    parents.push(parentId);
    checkpointIds.push(checkpointId);
  }
  // The input is a checkpoint too.
  check('seqs', seqs, [...all, upTo + 1]);
  check('parents', parents, [undefined, ...checkpointIds.slice(0, -1)]);

  let rows = 0;
  let counted = 0;
  for await (const row of saver.scan(threadId)) {
    if (row.kind === 'thread') counted = row.rowCount;
    else if (row.kind !== 'stream') rows += 1;
  }
  check('rows', [rows], [counted]);
  return broken;
}
