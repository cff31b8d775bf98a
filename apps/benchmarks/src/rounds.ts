/** Timing that survives a noisy machine: contenders take turns, and only ratios within the same round are kept. */

export interface Contender {
  readonly name: string;
  /** Does the work of one round and says how many operations that was; and what time they took, where not all of it counts. */
  run(): Promise<number | Timed> | number;
}

export interface Timed {
  readonly operations: number;
  readonly milliseconds: number;
}

export interface Result {
  readonly name: string;
  /** Operations a second, median over the rounds. */
  readonly perSecond: number;
  /** Speed as a share of the first contender's, median over the rounds: 0.5 is half as fast. */
  readonly ratio: number;
}

/** Runs the contenders in turn, `rounds` times after some rounds of warming up. */
export async function compare(contenders: readonly Contender[], rounds = 5, warming = 1): Promise<Result[]> {
  const speeds: number[][] = contenders.map(() => []);
  for (let round = -warming; round < rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const { operations, milliseconds } = await timed(contender);
      const speed = (operations / milliseconds) * 1_000;
      if (round >= 0) speeds[index]?.push(speed);
    }
  }
  const floor = speeds[0] ?? [];
  return contenders.map(({ name }, index) => {
    const own = speeds[index] ?? [];
    return {
      name,
      perSecond: median(own),
      ratio: median(own.map((speed, round) => speed / (floor[round] ?? Number.NaN))),
    };
  });
}

/** One round of a contender. */
export async function timed(contender: Contender): Promise<Timed> {
  const start = performance.now();
  const done = await contender.run();
  return typeof done === 'number' ? { operations: done, milliseconds: performance.now() - start } : done;
}

/**
 * How many times as long `work` takes as `floor`: they take turns, one call each, and the medians are compared. For calls of
 * milliseconds, of which a busy machine would disturb most whole rounds.
 */
export async function timesAsLong(
  work: () => Promise<unknown>,
  floor: () => Promise<unknown>,
  turns = 100,
): Promise<number> {
  const times: [number[], number[]] = [[], []];
  for (let turn = -Math.min(5, turns >> 1); turn < turns; turn += 1) {
    for (const [index, call] of [work, floor].entries()) {
      const start = performance.now();
      await call();
      if (turn >= 0) times[index]?.push(performance.now() - start);
    }
  }
  return median(times[0]) / median(times[1]);
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
