import { describe, expect, it } from 'vitest';
import { type Outlook, planKill } from '../src/demo/kill-plan.js';

const START: Outlook = {
  saver: 'sqlite',
  seed: 1,
  made: 0,
  madeInTheGap: 0,
  wanted: 3,
  ticketsLeft: 300,
  refundsLeft: 150,
};
const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

/** Plans a whole run in which every kill lands as planned and work goes on evenly. */
function planAll(seed: number, wanted: number) {
  let outlook: Outlook = { ...START, seed, wanted };
  const kills = [];
  for (let kill = planKill(outlook); kill !== undefined; kill = planKill(outlook)) {
    kills.push(kill);
    outlook = { ...outlook, made: outlook.made + 1, madeInTheGap: outlook.madeInTheGap + (kill.inTheGap ? 1 : 0) };
  }
  return kills;
}

describe('the plan of kills', () => {
  it('has as many kills as wanted, one of the first half at least in the gap, for any seed', () => {
    for (const seed of SEEDS) {
      for (const wanted of [1, 2, 3, 50]) {
        const kills = planAll(seed, wanted);
        expect(kills).toHaveLength(wanted);
        expect(kills.slice(0, Math.ceil(wanted / 2)).some((kill) => kill.inTheGap)).toBe(true);
      }
    }
  });

  it('is the same for the same seed and another for another', () => {
    expect(planAll(7, 10)).toEqual(planAll(7, 10));
    expect(planAll(7, 10)).not.toEqual(planAll(8, 10));
  });

  it('falls at the same points on each saver', () => {
    const on = (saver: Outlook['saver']) =>
      SEEDS.flatMap((seed) => planKill({ ...START, seed, saver, refundsLeft: 0 })?.crashAt ?? []);
    expect(on('postgres').some((point) => point.startsWith('postgres:put-'))).toBe(true);
    expect(on('postgres')).toEqual(on('sqlite').map((point) => point.replace('sqlite:', 'postgres:')));
  });

  it('asks for the gap again when a kill that should have hit it did not', () => {
    for (const seed of SEEDS) expect(planKill({ ...START, seed, made: 2 })?.inTheGap).toBe(true);
  });

  it('aims at the gap first when few refunds are left to be made', () => {
    for (const seed of SEEDS) expect(planKill({ ...START, seed, wanted: 50, refundsLeft: 3 })?.inTheGap).toBe(true);
  });

  it('never aims at the gap when no refund is left', () => {
    for (const seed of SEEDS) expect(planKill({ ...START, seed, refundsLeft: 0 })?.inTheGap).toBe(false);
  });

  it('leaves work for the kills that follow', () => {
    for (const seed of SEEDS) {
      const kill = planKill({ ...START, seed, wanted: 50 });
      if (kill !== undefined && !kill.inTheGap) expect(kill.patience).toBeLessThanOrEqual(12);
    }
  });
});
