/** What 10 MB that nobody touches add to each commit and each save beside them: in bytes, and in time. */
import { type CheckpointCommit, Checkpointer } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import type { Check } from './check.js';
import { type Contender, compare } from './rounds.js';

const perRound = 200;
const body = { source: 'superstep', metadata: {}, tasks: [], trail: [], pins: [] } as const;

/** A saver that counts the bytes it is given. */
class CountingSaver extends MemorySaver {
  bytes = 0;

  override async put(commit: CheckpointCommit): Promise<void> {
    this.bytes += commit.bytes.length + commit.records.reduce((sum, { bytes }) => sum + bytes.length, 0);
    await super.put(commit);
  }
}

type Counted = Contender & { readonly saver: CountingSaver };

export async function measureUntouched(): Promise<Check[]> {
  // Documents, as an agent has read them.
  const ballast = Array.from({ length: 100 }, (_, i) => ({ id: i, text: `${i}`.padEnd(100_000, 'x') }));
  return [
    ...(await compared('commit', await commits([]), await commits(ballast))),
    ...(await compared('save', await saves([]), await saves(ballast))),
  ];
}

async function compared(what: string, without: Counted, beside: Counted): Promise<Check[]> {
  const [before, besideBefore] = [without.saver.bytes, beside.saver.bytes];
  const [, result] = await compare([without, beside]);
  const added = beside.saver.bytes - besideBefore - (without.saver.bytes - before);
  return [
    { name: `bytes that 10 MB untouched add to 1,200 of each ${what}`, measured: added / 1e6, most: 0.001, unit: 'MB' },
    { name: `time of a ${what} beside 10 MB untouched`, measured: 1 / (result?.ratio ?? 0), most: 1.25, unit: '×' },
  ];
}

async function commits(ballast: unknown[]): Promise<Counted> {
  const saver = new CountingSaver();
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
  return { name: 'commit', saver, run };
}

async function saves(ballast: unknown[]): Promise<Counted> {
  const saver = new CountingSaver();
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
  return { name: 'save', saver, run };
}
