/** One timer for all calls: each is given up when its own time is over, and none that was answered holds the process. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StatementTimeout } from '../src/classify-error.js';
import { Deadline } from '../src/deadline.js';

const silence = (): Promise<never> => new Promise(() => {});

describe('a deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives each call up after its own time, those that came between answered ones too', async () => {
    const deadline = new Deadline(100);
    const ends: string[] = [];
    const note = (name: string, work: Promise<unknown>): unknown =>
      deadline.within(work).then(
        (answer) => ends.push(`${name} ${String(answer)}`),
        (error: unknown) => ends.push(`${name} ${error instanceof StatementTimeout}`),
      );
    note('a', Promise.resolve('answered'));
    note('b', silence());
    await vi.advanceTimersByTimeAsync(60);
    note('c', silence());
    note('d', Promise.reject(new Error('refused')));
    await vi.advanceTimersByTimeAsync(39);
    expect(ends).toEqual(['a answered', 'd false']);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends).toEqual(['a answered', 'd false', 'b true']);
    await vi.advanceTimersByTimeAsync(59);
    expect(ends).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends.at(-1)).toBe('c true');
    note('e', silence());
    await vi.advanceTimersByTimeAsync(100);
    expect(ends.at(-1)).toBe('e true');
  });
});

it('a deadline holds the process while a call waits, and no longer', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const deadline = new Deadline(60_000);
  for (const _ of [1, 2]) {
    let answer = (): void => {};
    const waiting = deadline.within(
      new Promise<void>((resolve) => {
        answer = resolve;
      }),
    );
    expect(timers()).toBe(before + 1);
    answer();
    await waiting;
    expect(timers()).toBe(before);
  }
});
