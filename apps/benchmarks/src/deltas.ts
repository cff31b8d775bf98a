/** What deltas are to keep: bytes that follow the change, commits that do not slow down, and reads like those of one record. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Checkpointer, type CheckpointSaver, type CheckpointSnapshot } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { SqliteSaver } from '@cairn/saver-sqlite';
import Database from 'better-sqlite3';
import { chatGraph } from './chat-graph.js';
import type { Check } from './check.js';
import { compare, type Timed, timesAsLong } from './rounds.js';

const body = { source: 'superstep', metadata: {}, tasks: [], trail: [], pins: [] } as const;
const kilobyte = 1_000;
const message = (i: number, size = kilobyte): string => `${i}`.padEnd(size, 'x');

/** Files after supersteps of a graph, appends of a loop, and forks; each once the WAL is folded in. */
export async function measureStoredBytes(folder: string): Promise<readonly Check[]> {
  const bounds = [await graphFile(join(folder, 'thousand.db'))];
  for (const count of [1_000, 1_023, 5_000, 8_191]) {
    const bytes = await fileSize(join(folder, `appends-${count}.db`), async (saver) => {
      await grow(new Checkpointer({ saver }), undefined, count);
    });
    bounds.push(stored(`${count.toLocaleString('en')} appends of 1 KB`, bytes, (4 * kilobyte + 400) * count));
  }
  return [...bounds, await forkedBytes(folder)];
}

function stored(name: string, bytes: number, most: number): Check {
  return { name, measured: bytes / 1e6, most: most / 1e6, unit: 'MB' };
}

/**
 * Checkpoints of threads of many commits against the same states stored whole, each in a thread of its own. The file is
 * opened anew before, so that both are read from it: what lies in the log of writes is read another way.
 */
export async function measureChainReads(folder: string): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const [commits, ...backs] of [[1_000], [1_023, 20, 500], [5_000, 20, 500], [8_191, 20, 500]] as const) {
    const path = join(folder, `appends-${commits}.db`);
    const checkpoints = await storeWhole(path, [0, ...backs]);
    const saver = new SqliteSaver({ path, synchronous: 'normal' });
    const checkpointer = new Checkpointer({ saver });
    for (const { back, checkpointId, threadId } of checkpoints) {
      const measured = await timesAsLong(
        () => checkpointer.load({ threadId: 't', checkpointId }),
        () => checkpointer.load({ threadId }),
      );
      const what = back === 0 ? 'the latest' : `${back} back`;
      const name = `time to load ${what} of ${commits.toLocaleString('en')} commits`;
      checks.push({ name, measured, most: back === 0 ? 1.3 : 1.5, unit: '×' });
    }
    await saver.close();
  }
  return checks;
}

/** The states so many commits before the head, each stored as one record in a thread of its own. */
async function storeWhole(path: string, backs: readonly number[]) {
  const saver = new SqliteSaver({ path, synchronous: 'normal' });
  const checkpointer = new Checkpointer({ saver });
  const ids: string[] = [];
  for await (const { checkpointId } of checkpointer.infos({ threadId: 't' })) ids.push(checkpointId);
  const last = (await checkpointer.load({ threadId: 't' }))?.values.x as string[];
  const checkpoints = backs.map((back) => ({ back, checkpointId: ids[back] as string, threadId: `whole-${back}` }));
  for (const { back, threadId } of checkpoints) {
    await checkpointer.save({ threadId, values: { x: last.slice(0, last.length - back) } });
  }
  await saver.close();
  return checkpoints;
}

/**
 * Commits of 1 KB to a long list, and beside 10 MB that nobody touches, against those to a short list; half as much again is
 * noise. What a loop does to make the new list is not counted: a real array costs one copy of its references.
 */
export async function measureCommitTimes(): Promise<readonly Check[]> {
  const commitsPerRound = 200;
  const contender = async (name: string, length: number, ballast: string[]) => {
    const checkpointer = new Checkpointer({ saver: new MemorySaver() });
    const x = Array.from({ length }, (_, i) => message(i, 10));
    let last = await checkpointer.commit({
      threadId: 't',
      base: undefined,
      changes: { x, ballast },
      body,
      status: 'running',
    });
    const run = async (): Promise<Timed> => {
      const first = last;
      let milliseconds = 0;
      for (let i = 0; i < commitsPerRound; i++) {
        const x = checkpointer.keeper.append(last.values.x as string[], [message(i)]);
        const start = performance.now();
        last = await checkpointer.commit({ threadId: 't', base: last, changes: { x }, body, status: 'running' });
        milliseconds += performance.now() - start;
      }
      // The list is as long in every round.
      last = await append(checkpointer, { ...first, head: last.head }, message(0), true);
      return { operations: commitsPerRound, milliseconds };
    };
    return { name, run };
  };
  const ballast = Array.from({ length: 10_000 }, (_, i) => message(i));
  const [, ...results] = await compare([
    await contender('short', 10, []),
    await contender('time of a commit to 8,000 items, against one to 10', 8_000, []),
    await contender('the same, to 10 items beside an untouched 10 MB', 10, ballast),
  ]);
  return results.map(({ name, ratio }) => ({ name, measured: 1 / ratio, most: 1.5, unit: '×' }));
}

async function graphFile(path: string): Promise<Check> {
  const supersteps = 1_000;
  const bytes = await fileSize(path, async (saver) => {
    const graph = chatGraph(supersteps, message).compile({ saver });
    await graph.invoke({}, { threadId: 'chat', maxSupersteps: supersteps + 1 });
  });
  return stored('1,000 supersteps that append 1 KB', bytes, 3_400_000);
}

async function forkedBytes(folder: string): Promise<Check> {
  const path = join(folder, 'forks.db');
  const large = Array.from({ length: 10_000 }, (_, i) => message(i));
  let base: CheckpointSnapshot | undefined;
  const before = await fileSize(path, async (saver) => {
    base = await grow(new Checkpointer({ saver }), large, 50);
  });
  const after = await fileSize(path, async (saver) => {
    const checkpointer = new Checkpointer({ saver });
    let { head } = base as CheckpointSnapshot;
    for (let i = 0; i < 100; i++) {
      ({ head } = await append(checkpointer, { ...(base as CheckpointSnapshot), head }, message(i), true));
    }
  });
  return stored('100 forks of a list of 10 MB, each appends 1 KB', after - before, 200_000);
}

async function grow(checkpointer: Checkpointer, first: string[] = [], count: number): Promise<CheckpointSnapshot> {
  const changes = { x: first };
  let last = await checkpointer.commit({ threadId: 't', base: undefined, changes, body, status: 'running' });
  for (let i = 0; i < count; i++) last = await append(checkpointer, last, message(i), false);
  return last;
}

function append(checkpointer: Checkpointer, base: CheckpointSnapshot, item: string, fork: boolean) {
  const x = checkpointer.keeper.append(base.values.x as string[], [item]);
  return checkpointer.commit({ threadId: 't', base, fork, changes: { x }, body, status: 'running' });
}

/** Bytes of a database file after some work on it. */
async function fileSize(path: string, work: (saver: CheckpointSaver) => Promise<void>): Promise<number> {
  const saver = new SqliteSaver({ path, synchronous: 'normal' });
  await work(saver);
  await saver.close();
  const db = new Database(path);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return statSync(path).size;
}
