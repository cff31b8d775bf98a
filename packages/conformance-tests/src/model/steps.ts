/** The steps of random sequences: each a call of the contract, drawn by fast-check, made on a saver and on the model. */
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import fc from 'fast-check';
import type { Change } from '../fixtures/commits.js';
import { type Step, steps } from './step.js';
import type { Place, World } from './world.js';

/** How many threads and namespaces the steps of a sequence are spread over. */
export interface Spread {
  readonly threads: number;
  readonly namespaces: number;
}

const channels = ['messages', 'total', '__proto__'] as const;
const tasks = ['a', 'b', 'a:b'] as const;
const statuses = ['running', 'interrupted', 'completed', 'failed'] as const;
const status = fc.constantFrom(...statuses);
const back = fc.nat(9);
/** Mostly right, so that sequences get somewhere. */
const lease = fc.constantFrom('right', 'right', 'right', 'right', 'none', 'stale');

export function place({ threads, namespaces }: Spread): fc.Arbitrary<Place> {
  return fc.record({ thread: fc.nat(threads - 1), namespace: fc.nat(namespaces - 1) });
}

const commitParts = fc.record({
  changes: fc.uniqueArray(
    fc.record({ channel: fc.constantFrom(...channels), isFull: fc.boolean(), size: fc.constantFrom(0, 1, 40) }),
    { maxLength: 3, selector: ({ channel }) => channel },
  ),
  removes: fc.subarray([...channels], { maxLength: 1 }),
  tokens: fc.subarray(['t', 'tt', '%'], { maxLength: 2 }),
  status,
  lease,
});

/** Commits: on the head, on an older checkpoint, stale ones, and repeats. */
export function putSteps(spread: Spread): fc.Arbitrary<Step>[] {
  const at = place(spread);
  const consumes = fc.oneof(fc.constant('all' as const), fc.subarray([...tasks]));
  return [
    steps('put', fc.record({ at, consumes, parts: commitParts }), putNext),
    steps('fork', fc.record({ at, back, parts: commitParts }), putFork),
    steps('putStale', fc.record({ at, back, wrongBy: fc.integer({ min: -2, max: 2 }) }), putStale),
    steps('putAgain', fc.record({ at, back }), putAgain),
  ];
}

/** Pending writes: new ones, repeats, other ones under the same key, late ones. */
export function writeSteps(spread: Spread): fc.Arbitrary<Step>[] {
  const drawn = fc.record({
    at: place(spread),
    back: fc.constantFrom(0, 0, 0, 1, 2),
    task: fc.constantFrom(...tasks),
    keys: fc.uniqueArray(fc.constantFrom('update/0', 'step/x', 'answer/y'), { maxLength: 3 }),
    repeats: fc.boolean(),
    status: fc.option(status, { nil: undefined }),
    lease,
  });
  return [steps('putWrites', drawn, putWrites)];
}

type CommitParts = typeof commitParts extends fc.Arbitrary<infer T> ? T : never;

function partsOf(world: World, at: Place, parent: CheckpointCommit | undefined, drawn: CommitParts) {
  const { threadId, namespace } = world.address(at);
  const thread = world.model.threads.get(threadId);
  const changes = drawn.changes.map(({ channel, isFull, size }): Change => {
    const chain = parent === undefined ? [] : (world.stream(at)?.chainOf(parent, channel) ?? []);
    const restsOn = isFull || chain.length > 64 ? [] : chain;
    return { channel, bytes: world.random.bytes(size), restsOn };
  });
  const changed = new Set(changes.map(({ channel }) => channel));
  return {
    threadId,
    namespace,
    origin: thread?.origin ?? threadId,
    changes,
    removes: drawn.removes.filter((channel) => !changed.has(channel)),
    tokens: [...drawn.tokens].sort(),
    status: drawn.status,
    lease: world.token(threadId, drawn.lease),
  };
}

async function put(world: World, commit: CheckpointCommit): Promise<void> {
  await world.expect(world.model.put(commit), () => world.saver.put(commit));
}

async function putNext(
  world: World,
  { at, consumes, parts }: { at: Place; consumes: 'all' | string[]; parts: CommitParts },
): Promise<void> {
  const head = world.stream(at)?.head;
  const given = { ...partsOf(world, at, head, parts), consumes };
  const { threadId: _, namespace: __, ...rest } = given;
  await put(world, head === undefined ? world.build.first(given) : world.build.next(head, rest));
}

async function putFork(world: World, drawn: { at: Place; back: number; parts: CommitParts }): Promise<void> {
  const head = world.stream(drawn.at)?.head;
  const parent = world.stored(drawn.at, drawn.back);
  if (head === undefined || parent === undefined) return;
  const { threadId: _, namespace: __, ...parts } = partsOf(world, drawn.at, parent, drawn.parts);
  await put(world, world.build.fork(parent, head, parts));
}

/** A commit whose seq is wrong, whose parent is not the head, or both. */
async function putStale(world: World, { at, back, wrongBy }: { at: Place; back: number; wrongBy: number }) {
  const head = world.stream(at)?.head;
  const parent = world.stored(at, back);
  if (head === undefined || parent === undefined) return;
  const lease = world.token(head.threadId, 'right');
  await put(world, world.build.next(parent, { seq: Math.max(1, head.seq + 1 + wrongBy), lease }));
}

/** What was committed once, dropped checkpoints included, is sent again without a lease, as by a retry. */
async function putAgain(world: World, { at, back }: { at: Place; back: number }): Promise<void> {
  const commits = world.stream(at)?.commits ?? [];
  const commit = commits[commits.length - 1 - (back % Math.max(1, commits.length))];
  if (commit !== undefined) await put(world, { ...commit, lease: world.token(commit.threadId, 'right') });
}

async function putWrites(
  world: World,
  drawn: {
    at: Place;
    back: number;
    task: string;
    keys: string[];
    repeats: boolean;
    status: (typeof statuses)[number] | undefined;
    lease: 'right' | 'none' | 'stale';
  },
): Promise<void> {
  const base = world.stored(drawn.at, drawn.back);
  if (base === undefined) return;
  const waiting = world.stream(drawn.at)?.writes.get(base.checkpointId) ?? [];
  const writes = drawn.keys.map((key) => {
    const known = waiting.find((write) => write.taskId === drawn.task && write.key === key);
    if (!drawn.repeats || known === undefined) return world.build.write(key);
    return { key, digest: known.digest, bytes: known.bytes };
  });
  const batch = world.build.batch(base, {
    taskId: drawn.task,
    writes,
    lease: world.token(base.threadId, drawn.lease),
    ...(drawn.status === undefined ? {} : { status: drawn.status }),
  });
  await world.expect(world.model.putWrites(batch), () => world.saver.putWrites(batch));
}
