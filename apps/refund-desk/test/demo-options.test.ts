import { describe, expect, it } from 'vitest';
import { demoOptions } from '../src/demo/demo-options.js';

describe("the demo's options", () => {
  it('kill three times on sqlite and never on memory, unless told otherwise', () => {
    expect(demoOptions({ saver: 'sqlite' })).toMatchObject({
      kills: 3,
      keep: undefined,
      leaveWaiting: 0,
      sabotage: false,
    });
    expect(demoOptions({ saver: 'memory' }).kills).toBe(0);
    expect(demoOptions({ saver: 'sqlite', kills: 0, seed: 5 })).toMatchObject({ kills: 0, seed: 5 });
  });

  it('leave approvals in kept files only', () => {
    expect(demoOptions({ saver: 'sqlite', keep: true }).leaveWaiting).toBe(3);
    expect(demoOptions({ saver: 'sqlite', keep: 'here', leaveWaiting: 0 })).toMatchObject({
      keep: 'here',
      leaveWaiting: 0,
    });
    expect(() => demoOptions({ saver: 'sqlite', leaveWaiting: 1 })).toThrow(/--keep/);
  });

  it("refuse what can't be", () => {
    expect(() => demoOptions({ saver: 'memory', kills: 1 })).toThrow(/dies with its process/);
    expect(() => demoOptions({ saver: 'memory', keep: true })).toThrow(/no file/);
    expect(() => demoOptions({ saver: 'sqlite', kills: 0, sabotage: true })).toThrow(/--kills 1/);
    expect(() => demoOptions({ saver: 'memory', sabotage: true })).toThrow(/--kills 1/);
  });
});
