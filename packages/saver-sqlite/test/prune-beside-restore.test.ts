import type { Namespace, RawRecord } from '@cairn/checkpoint-core';
import { expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { commitAfter } from './fixtures/commits.mjs';
import { collect } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';
import { traceStatements } from './fixtures/traced-database.js';

const streams: readonly (readonly [name: string, Namespace])[] = [
  ['the root stream', []],
  ["a sub-graph's stream", ['inner']],
];

it.each(streams)(
  'a prune that has counted what %s needs counts again when rows took their place meanwhile',
  async (_, namespace) => {
    const path = temporaryFile();
    const trace = traceStatements();
    await using saver = new SqliteSaver({ path, openDatabase: trace.openDatabase });
    await using other = new SqliteSaver(path);
    const commits = [commitAfter(undefined, { namespace })];
    for (let seq = 2; seq <= 6; seq++) commits.push(commitAfter(commits.at(-1)));
    for (const commit of commits) await saver.put(commit);

    trace.clear();
    trace.isLocked = true;
    const dropped = commits.slice(0, 3).map(({ checkpointId }) => checkpointId);
    const pruned = saver.prune({ threadId: 'thread', namespace }, dropped);
    while (trace.count('SELECT thread_id, seq, channels') === 0) await new Promise(setImmediate);
    const rows = await collect(other.scan('thread'));
    const { token } = await other.acquireLease('thread', { holder: 'repair', ttlMs: 60_000 });
    await other.restore('thread', restingOnTheSecond(rows), token);
    trace.isLocked = false;
    await pruned;

    const head = await other.get({ threadId: 'thread', namespace });
    expect(head?.records.map(({ seq }) => seq)).toEqual([2, 6]);
    expect((await collect(other.list({ threadId: 'thread', namespace }))).map(({ seq }) => seq)).toEqual([6, 5, 4]);
  },
);

/** The same rows, but for the last record: it needs one that nothing needed before. */
async function* restingOnTheSecond(rows: readonly RawRecord[]): AsyncIterable<RawRecord> {
  for (const row of rows) yield row.kind === 'record' && row.seq === 6 ? { ...row, restsOn: [2] } : row;
}
