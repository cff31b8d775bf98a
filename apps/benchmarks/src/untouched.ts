/**
 * What 10 MB that nobody touches add to each commit and each save beside them: in bytes, and in time. A save is given the
 * whole state and compares it, some 0.1 µs an object, so it is measured where states are kept: in a file.
 */
import { join } from 'node:path';
import { type CheckpointCommit, Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { SqliteSaver } from '@cairn/saver-sqlite';
import type { Check } from './check.js';
import { type Contender, compare } from './rounds.js';

const perRound = 200;
const body = { source: 'superstep', metadata: {}, tasks: [], trail: [], pins: [] } as const;

type Counted = Contender & { readonly saver: CheckpointSaver; readonly given: { bytes: number } };

/** Counts the bytes that a saver is given. */
function counted(saver: CheckpointSaver): Pick<Counted, 'saver' | 'given'> {
  const given = { bytes: 0 };
  const put = saver.put.bind(saver);
  saver.put = (commit: CheckpointCommit) => {
    given.bytes += commit.bytes.length + commit.records.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return put(commit);
  };
  return { saver, given };
}

export async function measureUntouched(folder: string): Promise<Check[]> {
  // Documents, as an agent has read them.
  const ballast = Array.from({ length: 100 }, (_, i) => ({ id: i, text: `${i}`.padEnd(100_000, 'x') }));
  return [
    ...(await compared('commit', await commits([]), await commits(ballast))),
    ...(await compared('save', await saves(folder, []), await saves(folder, ballast))),
  ];
}

async function compared(what: string, without: Counted, beside: Counted): Promise<Check[]> {
  const [before, besideBefore] = [without.given.bytes, beside.given.bytes];
  const [, result] = await compare([without, beside]);
  const added = beside.given.bytes - besideBefore - (without.given.bytes - before);
  await Promise.all([without.saver.close(), beside.saver.close()]);
  return [
    { name: `bytes that 10 MB untouched add to 1,200 of each ${what}`, measured: added / 1e6, most: 0.001, unit: 'MB' },
    { name: `time of a ${what} beside 10 MB untouched`, measured: 1 / (result?.ratio ?? 0), most: 1.25, unit: '×' },
  ];
}

async function commits(ballast: unknown[]): Promise<Counted> {
  const { saver, given } = counted(new MemorySaver());
  const checkpointer = new Checkpointer({ saver });
  const changes = { note: '', ballast };
  let base = await checkpointer.commit({ threadId: 't', base: undefined, changes, body, status: 'running' });
  const run = async (): Promise<number> => {
    for (let i = 0; i < perRound; i += 1) {
      const note = `${i}`.padEnd(1_000, 'x');
      base = await checkpointer.commit({ threadId: 't', base, changes: { note }, body, status: 'running' });
    }
    return perRound;
  };
  return { name: 'commit', saver, given, run };
}

async function saves(folder: string, ballast: unknown[]): Promise<Counted> {
  const path = join(folder, `untouched-${ballast.length}.db`);
  const { saver, given } = counted(new SqliteSaver({ path, synchronous: 'normal' }));
  const checkpointer = new Checkpointer({ saver });
  const values = { note: '', ballast };
  await checkpointer.save({ threadId: 't', values });
  const run = async (): Promise<number> => {
    for (let i = 0; i < perRound; i += 1) {
      values.note = `${i}`.padEnd(1_000, 'x');
      await checkpointer.save({ threadId: 't', values });
    }
    return perRound;
  };
  return { name: 'save', saver, given, run };
}
