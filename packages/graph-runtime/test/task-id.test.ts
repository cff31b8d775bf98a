/** Ids of tasks: derived, so that whoever plans the same superstep again gives them again. */
import { describe, expect, it } from 'vitest';
import { planTasks } from '../src/task/task-id.js';

const run = { startId: 'start', superstep: 3 };

describe("a task's id", () => {
  it('follows from where its run began, superstep, place and node, and from nothing else', () => {
    expect(planTasks([{ node: 'a' }, { node: 'b' }], run)).toEqual(
      planTasks([{ node: 'a' }, { node: 'b' }], { ...run }),
    );
  });

  it('is another one when any of these differs', () => {
    const ids = [
      ...planTasks([{ node: 'a' }, { node: 'a' }], run),
      ...planTasks([{ node: 'b' }], run),
      ...planTasks([{ node: 'a' }], { ...run, superstep: 4 }),
      ...planTasks([{ node: 'a' }], { ...run, startId: 'other' }),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(5);
  });
});
