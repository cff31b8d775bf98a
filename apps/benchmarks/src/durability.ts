/** What each durability costs on SQLite, FULL, against the supersteps that a killed process may have to run again. */
import { join } from 'node:path';
import type { Durability } from '@cairn/graph-runtime';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { chatGraph } from './chat-graph.js';
import { compare } from './rounds.js';

const supersteps = 128;
const message = 'x'.repeat(1_000);

/** One point of the curve. */
export interface DurabilityCost {
  readonly durability: string;
  /** The most supersteps that run again after a crash; undefined: all since the input or the last step. */
  readonly runAgain: number | undefined;
  /** Time of a superstep that appends 1 KB, as a share of the same at `sync`, median over the rounds. */
  readonly time: number;
  /** Commits for so many supersteps, input and end included. */
  readonly commits: number;
}

const points: readonly (readonly [Durability, number | undefined])[] = [
  ['sync', 1],
  ['async', 2],
  [{ every: 2 }, 2],
  [{ every: 4 }, 4],
  [{ every: 16 }, 16],
  [{ every: 64 }, 64],
  ['exit', undefined],
];

export async function measureDurability(folder: string): Promise<readonly DurabilityCost[]> {
  const saver = new SqliteSaver(join(folder, 'durability.db'));
  const graph = chatGraph(supersteps, (turn) => `${turn}${message}`).compile({ saver });
  let round = 0;
  const runs = new Map<string, string>();
  const contenders = points.map(([durability]) => ({
    name: JSON.stringify(durability),
    run: async () => {
      const threadId = `chat-${++round}`;
      await graph.invoke({}, { threadId, durability });
      runs.set(JSON.stringify(durability), threadId);
      return supersteps;
    },
  }));
  const results = await compare(contenders, 7);
  const costs: DurabilityCost[] = [];
  for (const [index, [durability, runAgain]] of points.entries()) {
    const name = JSON.stringify(durability);
    let commits = 0;
    for await (const _past of graph.getStateHistory({ threadId: runs.get(name) ?? '' })) commits += 1;
    costs.push({ durability: name, runAgain, time: 1 / (results[index]?.ratio ?? Number.NaN), commits });
  }
  await saver.close();
  return costs;
}
