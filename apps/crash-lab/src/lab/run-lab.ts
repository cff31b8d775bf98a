/** Runs the planned stores, a few at a time, and gathers what came of every kill. */
import { undisturbedEnds } from '../shapes/shapes.js';
import type { SaverName } from '../stores/location.js';
import { planStores, type Random } from './kill.js';
import { runStore, type StoreReport } from './run-store.js';

export interface LabOptions {
  readonly saver: SaverName;
  /** How often each named point is killed at. */
  readonly times: number;
  /** How many kills fall on no particular moment. */
  readonly random: number;
  /** Stores that are worked on side by side. */
  readonly jobs: number;
  readonly draw: Random;
  readonly onStore?: (report: StoreReport) => void;
}

export async function runLab({
  saver,
  times,
  random,
  jobs,
  draw,
  onStore,
}: LabOptions): Promise<readonly StoreReport[]> {
  const ends = await undisturbedEnds();
  const queue = [...planStores(saver, times, random, draw)];
  const reports: StoreReport[] = [];
  const runQueue = async () => {
    for (let kills = queue.shift(); kills !== undefined; kills = queue.shift()) {
      const report = await runStore(saver, kills, ends);
      reports.push(report);
      onStore?.(report);
    }
  };
  await Promise.all(Array.from({ length: jobs }, runQueue));
  return reports;
}
