/** When a worker is to be killed. */
import type { SaverName } from '../stores/location.js';
import { type CrashPoint, crashPoints, firstPoints } from './crash-points.js';

export interface Kill {
  /** A crash point's name, or `random`. */
  readonly at: string;
  /** The how-manieth time at the point; for a random kill, after how many of its lines. */
  readonly count: number;
  /** For a random kill: how much later, in milliseconds. */
  readonly delayMs: number;
}

/** From 0 up to below 1. */
export type Random = () => number;

/** Stores, each with the kills it has to live through: every point `times` times, and `random` others. */
export function planStores(
  saver: SaverName,
  times: number,
  random: number,
  draw: Random,
): readonly (readonly Kill[])[] {
  const repeat = (points: readonly CrashPoint[]) => Array.from({ length: times }, () => points).flat();
  const kills: Kill[] = repeat(crashPoints(saver)).map(({ name, within }) => ({
    at: name,
    count: 1 + Math.floor(draw() * within),
    delayMs: 0,
  }));
  for (let i = 0; i < random; i += 1) {
    kills.push({ at: 'random', count: 1 + Math.floor(draw() * 250), delayMs: draw() * 2 });
  }
  shuffle(kills, draw);
  const firsts = repeat(firstPoints(saver));
  const stores: Kill[][] = firsts.map(({ name }) => [{ at: name, count: 1, delayMs: 0 }]);
  const fullest = Math.max(1, Math.ceil(kills.length / Math.max(1, Math.ceil(kills.length / 10), stores.length)));
  for (let i = 0; kills.length > 0; i += 1) {
    const store = stores[i] ?? [];
    store.push(...kills.splice(0, fullest));
    stores[i] = store;
  }
  return stores;
}

function shuffle(items: Kill[], draw: Random): void {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(draw() * (i + 1));
    const [a, b] = [items[i], items[j]];
    if (a && b) [items[i], items[j]] = [b, a];
  }
}
