// The supervisor against a scripted desk: what it says and does at moments that real processes reach only now and then.
import { expect, it } from 'vitest';
import type { Approver } from '../src/demo/approvals.js';
import type { Kill } from '../src/demo/kill-plan.js';
import type { DeskEnd, RunningDesk } from '../src/demo/running-desk.js';
import { supervise } from '../src/demo/supervise.js';
import type { DeskCommand, DeskEvent } from '../src/desk/desk-event.js';

const REQUEST = { orderId: 'SH-1', amountCents: 1, items: [], why: '' };
const READY: DeskEvent = { type: 'ready', completed: [], resumed: [] };
const waiting = (threadId: string): DeskEvent => ({ type: 'waiting', threadId, request: REQUEST });
const completed = (threadId: string): DeskEvent => ({ type: 'completed', threadId });
const killAfter = (patience: number): Kill => ({ crashAt: undefined, inTheGap: false, patience });

/** One life of a desk: told its events one by one, it notes what it is told in turn. */
type Script = (desk: { emit: (event: DeskEvent) => void; told: string[] }) => void;

async function superviseScripts(scripts: readonly Script[], kills: readonly Kill[], approver: Approver) {
  const lives: string[][] = [];
  const start = (emit: (event: DeskEvent) => void): RunningDesk => {
    const told: string[] = [];
    const script = scripts[lives.length];
    lives.push(told);
    let end: (end: DeskEnd) => void = () => {};
    const ended = new Promise<DeskEnd>((resolve) => {
      end = resolve;
    });
    setImmediate(() => script?.({ emit, told }));
    return {
      ended,
      kill: () => {
        told.push('kill');
        end({ type: 'killed' });
      },
      tell: (command: DeskCommand) => {
        told.push(command.type === 'answer' ? `${command.threadId}: ${command.answer}` : 'stop');
        if (command.type === 'stop') end({ type: 'stopped' });
      },
    };
  };
  const report = await supervise({
    start,
    approver,
    nextKill: (made) => kills[made.length],
    onProgress: () => {},
    onKill: () => {},
  });
  return { lives, report };
}

const YES: Approver = { says: () => true, answersAtOnce: () => true };

it('an answer that crosses "idle" on its way is not taken for the end', async () => {
  const { lives } = await superviseScripts(
    [
      ({ emit, told }) => {
        for (const event of [READY, waiting('a'), { type: 'idle' } as const]) emit(event);
        expect(told).toEqual(['a: true']);
        for (const event of [completed('a'), { type: 'done' } as const]) emit(event);
      },
    ],
    [],
    YES,
  );
  expect(lives).toEqual([['a: true', 'stop']]);
});

it('requests that are put off are answered when nothing else is left, and after the last kill at once', async () => {
  const { lives } = await superviseScripts(
    [
      ({ emit, told }) => {
        for (const event of [READY, waiting('a'), completed('b')]) emit(event);
        expect(told).toEqual([]);
        for (const event of [{ type: 'idle' } as const, completed('a')]) emit(event);
      },
      ({ emit }) => {
        for (const event of [READY, waiting('c'), completed('c'), { type: 'done' } as const]) emit(event);
      },
    ],
    [killAfter(2)],
    { ...YES, answersAtOnce: () => false },
  );
  expect(lives).toEqual([
    ['a: true', 'kill'],
    ['c: true', 'stop'],
  ]);
});

it('a request that is left open stays open, and a kill that is due is made before the end', async () => {
  const ends: Script = ({ emit }) => {
    for (const event of [READY, waiting('a'), { type: 'idle' } as const]) emit(event);
  };
  const { lives, report } = await superviseScripts([ends, ends], [killAfter(9)], { ...YES, says: () => null });
  expect(lives).toEqual([['kill'], ['stop']]);
  expect(report.kills).toMatchObject([{ fromOutside: true, completed: 0 }]);
});

it('what goes on after a crash is counted, what goes on at the first start is not', async () => {
  const resumes: Script = ({ emit }) => {
    for (const event of [{ ...READY, resumed: ['a', 'b'] }, { type: 'done' } as const]) emit(event);
  };
  const { report } = await superviseScripts([resumes, resumes, resumes], [killAfter(1), killAfter(1)], YES);
  expect(report).toMatchObject({ resumed: 4, kills: [{}, {}] });
});

it('a failure is reported unless the thread is completed after all', async () => {
  const { report } = await superviseScripts(
    [
      ({ emit }) => {
        for (const threadId of ['a', 'b']) emit({ type: 'failed', threadId, message: 'no' });
        for (const event of [completed('b'), { type: 'done' } as const]) emit(event);
      },
    ],
    [],
    YES,
  );
  expect([...report.failures]).toEqual([['a', 'no']]);
});

it('a worker that somebody else kills is started again while that gets anywhere', async () => {
  const lives: number[] = [];
  const start = (emit: (event: DeskEvent) => void): RunningDesk => {
    lives.push(lives.length);
    if (lives.length === 1) setImmediate(() => emit(completed('a')));
    const ended = new Promise<DeskEnd>((end) => setImmediate(() => setImmediate(() => end({ type: 'killed' }))));
    return { ended, tell: () => {}, kill: () => {} };
  };
  const supervised = supervise({
    start,
    approver: YES,
    nextKill: () => undefined,
    onProgress: () => {},
    onKill: () => {},
  });
  await expect(supervised).rejects.toThrow(/killed from outside before it got anything done/);
  expect(lives).toEqual([0, 1]);
});
