/** Writes the threads of a golden store. What each is for stands beside it; the tests say what must be true of it later. */
import {
  type CheckpointBody,
  Checkpointer,
  type CheckpointerOptions,
  type CheckpointSaver,
  type Clock,
} from '@cairn/checkpoint-core';
import { classes, everyKind } from './every-kind.js';
import { deskGraph, fanGraph, nestedGraph } from './graphs.js';

/** Not secret: they open nothing but these stores. */
export const encryption = {
  keys: { golden: new Uint8Array(32).fill(7) },
  current: 'golden',
  indexKey: new Uint8Array(32).fill(9),
} as const;

export const compression = { thresholdBytes: 256 } as const;

/** The items that the long list is made of, by their number. */
export function longItem(round: number): string {
  return `message ${round} of a thread whose list grew item by item`;
}

export const longRounds = 120;

/** A Checkpointer that knows all that the store holds; encrypting only where it is told. */
export function goldenCheckpointer(saver: CheckpointSaver, options: Partial<CheckpointerOptions> = {}): Checkpointer {
  return new Checkpointer({ saver, classes, ...options });
}

/** Counts seconds from the first instant of 2026. */
function goldenClock(): Clock {
  let now = Date.UTC(2026, 0, 1);
  return {
    now: () => {
      now += 1_000;
      return now;
    },
  };
}

export async function writeThreads(saver: CheckpointSaver): Promise<void> {
  const clock = goldenClock();
  const checkpointer = goldenCheckpointer(saver, { clock });
  await writeRuns(checkpointer);
  await writeSaves(checkpointer);
  const keyed = goldenCheckpointer(saver, { clock, encryption, compression });
  await keyed.save({
    threadId: 'encrypted',
    values: { secret: [longItem(1).repeat(20)], n: 1 },
    metadata: { user: 'eve' },
  });
  await keyed.save({
    threadId: 'encrypted',
    values: { secret: [longItem(1).repeat(20), 'more'], n: 2 },
    metadata: { user: 'eve' },
  });
  for (const method of ['zstd', 'deflate'] as const) {
    const packed = goldenCheckpointer(saver, { clock, compression: { ...compression, method } });
    await packed.save({ threadId: 'compressed', values: { text: [method, longItem(method.length).repeat(50)] } });
  }
}

/** Threads of graphs: done, waiting at each depth, forked. */
async function writeRuns(checkpointer: Checkpointer): Promise<void> {
  const desk = deskGraph(checkpointer);
  const metadata = { user: 'ann', tier: 2, tags: ['a', 'b'] };
  await desk.invoke({ messages: ['hello'] }, { threadId: 'finished', metadata });
  await desk.resume({ threadId: 'finished', answer: true });
  await desk.invoke({ messages: ['hello'] }, { threadId: 'interrupted', metadata: { user: 'bob' } });
  await nestedGraph(checkpointer).invoke({}, { threadId: 'interrupted inside', metadata: { user: 'bob' } });
  await fanGraph(checkpointer).invoke({}, { threadId: 'fanned out' });

  await desk.invoke({ messages: ['hello'] }, { threadId: 'forked' });
  await desk.resume({ threadId: 'forked', answer: true });
  for await (const { checkpointId, next } of desk.getStateHistory({ threadId: 'forked' })) {
    if (next.includes('approve')) await desk.fork({ threadId: 'forked', checkpointId });
  }
  await desk.updateState({ threadId: 'forked' }, { messages: ['by hand'] });
}

/** Threads of a loop of one's own. */
async function writeSaves(checkpointer: Checkpointer): Promise<void> {
  await checkpointer.save({ threadId: 'kinds', values: everyKind(), metadata: { of: 'kinds' } });
  await checkpointer.save({ threadId: 'kinds', values: { ...everyKind(), zero: 1 } });
  const list: string[] = [];
  for (let round = 1; round <= longRounds; round += 1) {
    list.push(longItem(round));
    await checkpointer.save({ threadId: 'long', values: { list, round } });
  }
  await checkpointer.copyThread('long', 'copied');
  await checkpointer.copyThread('long', 'pruned');
  await checkpointer.prune({ threadId: 'pruned', retention: { keepLast: 3 } });
  await checkpointer.save({
    threadId: 'with a stream of its own',
    namespace: ['inner', 'a'],
    values: { list: ['nested'] },
  });

  // A runner that died in a superstep: two tasks, one of which had finished.
  const tasks = ['a', 'b'].map((id) => ({ id, node: 'work', input: { id } }));
  const body: CheckpointBody = { source: 'input', metadata: { user: 'zoë' }, tasks, trail: [], pins: [] };
  const base = await checkpointer.commit({
    threadId: 'abandoned',
    base: undefined,
    changes: { list: ['in'] },
    body,
    status: 'running',
  });
  const writes = [
    { key: 'step/pay', value: { receipt: 5n } },
    { key: 'update/0', value: { list: ['out'] } },
  ];
  await checkpointer.record({ base, taskId: 'a', writes });
}
