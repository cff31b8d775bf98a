/** The steps that act on whole threads, on leases, and those that read. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { assertSame } from '../fixtures/assert-same.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { listedSeqs } from '../fixtures/reads.js';
import { assertListing } from './assert-store.js';
import { type Step, steps } from './step.js';
import { place, type Spread } from './steps.js';
import type { Place, World } from './world.js';

/** Longer than any run of the suite: in these sequences leases end only when they are given back. */
const long = 24 * 60 * 60_000;

export function pruneSteps(spread: Spread): fc.Arbitrary<Step>[] {
  const drawn = fc.record({ at: place(spread), backs: fc.array(fc.nat(9), { maxLength: 4 }) });
  return [steps('prune', drawn, prune)];
}

export function threadSteps(spread: Spread): fc.Arbitrary<Step>[] {
  const thread = fc.nat(spread.threads - 1);
  const copied = fc.record({ at: place(spread), to: thread, cut: fc.boolean(), back: fc.nat(9) });
  return [steps('copyThread', copied, copyThread), steps('deleteThread', fc.record({ thread }), deleteThread)];
}

export function leaseSteps(spread: Spread): fc.Arbitrary<Step>[] {
  const thread = fc.nat(spread.threads - 1);
  const asked = fc.record({ thread, holder: fc.constantFrom('a', 'b'), replace: fc.boolean() });
  const held = fc.record({ thread, back: fc.nat(3) });
  return [
    steps('acquireLease', asked, acquireLease),
    steps('renewLease', held, renewLease),
    steps('releaseLease', held, releaseLease),
  ];
}

export function readSteps(spread: Spread): fc.Arbitrary<Step>[] {
  const seq = fc.option(fc.nat(12), { nil: undefined });
  const listed = fc.record({
    at: place(spread),
    order: fc.constantFrom('asc', 'desc'),
    beforeSeq: seq,
    afterSeq: seq,
    tokens: fc.subarray(['t', 'tt', '%']),
    limit: fc.option(fc.nat(5), { nil: undefined }),
  });
  const status = fc.constantFrom('abandoned', 'running', 'interrupted', 'completed', 'failed', undefined);
  return [
    steps('readStream', fc.record({ at: place(spread) }), readStream),
    steps('list', listed, list),
    steps('listThreads', fc.record({ status }), listThreads),
  ];
}

async function prune(world: World, { at, backs }: { at: Place; backs: number[] }): Promise<void> {
  const drop = backs.flatMap((back) => world.stored(at, back)?.checkpointId ?? []);
  const report = await world.saver.prune(world.address(at), drop);
  assertSame({ ...report }, world.model.prune(world.address(at), drop), 'a prune reports what it removed');
}

async function copyThread(world: World, drawn: { at: Place; to: number; cut: boolean; back: number }): Promise<void> {
  const from = world.threadId(drawn.at.thread);
  const to = world.threadId(drawn.to);
  const end = drawn.cut ? world.stored(drawn.at, drawn.back) : undefined;
  const upTo = end && { ...world.address(drawn.at), checkpointId: end.checkpointId };
  await world.expect(world.model.copyThread(from, to, upTo), () => world.saver.copyThread(from, to, upTo));
}

async function deleteThread(world: World, { thread }: { thread: number }): Promise<void> {
  const threadId = world.threadId(thread);
  await world.expect(world.model.deleteThread(threadId), () => world.saver.deleteThread(threadId));
}

async function acquireLease(world: World, drawn: { thread: number; holder: string; replace: boolean }): Promise<void> {
  const threadId = world.threadId(drawn.thread);
  const { holder, replace } = drawn;
  const leases = world.leases.get(threadId) ?? [];
  const live = leases.find(({ token }) => token === world.model.leases.get(threadId));
  const isFree = live === undefined || live.holder === holder || replace;
  const lease = await world.expect(isFree ? [] : ['CAIRN_THREAD_BUSY'], () =>
    world.saver.acquireLease(threadId, { holder, replace, ttlMs: long }),
  );
  if (lease === undefined) return;
  if (live?.holder === holder) assertSame([lease.token, lease.fence], [live.token, live.fence], 'the same lease again');
  else {
    for (const { token, fence } of leases) assert.ok(token !== lease.token && fence < lease.fence, 'a lease is new');
    world.leases.set(threadId, [...leases, lease]);
    world.model.leases.set(threadId, lease.token);
  }
}

async function renewLease(world: World, { thread, back }: { thread: number; back: number }): Promise<void> {
  const threadId = world.threadId(thread);
  const lease = world.leases.get(threadId)?.at(-1 - back);
  if (lease === undefined) return;
  const isLive = world.model.leases.get(threadId) === lease.token;
  await world.expect(isLive ? [] : ['CAIRN_LEASE_LOST'], () => world.saver.renewLease(lease, long));
}

async function releaseLease(world: World, { thread, back }: { thread: number; back: number }): Promise<void> {
  const threadId = world.threadId(thread);
  const lease = world.leases.get(threadId)?.at(-1 - back);
  if (lease === undefined) return;
  await world.saver.releaseLease(lease);
  if (world.model.leases.get(threadId) === lease.token) world.model.leases.delete(threadId);
}

async function readStream(world: World, { at }: { at: Place }): Promise<void> {
  const stream = world.stream(at);
  if (stream !== undefined) await assertStream(world.saver, stream);
  else assert.equal(await world.saver.get(world.address(at)), undefined, 'a stream without commits is not there');
}

async function list(
  world: World,
  {
    at,
    order,
    beforeSeq,
    afterSeq,
    tokens,
    limit,
  }: {
    at: Place;
    order: 'asc' | 'desc';
    beforeSeq: number | undefined;
    afterSeq: number | undefined;
    tokens: string[];
    limit: number | undefined;
  },
): Promise<void> {
  const wanted = (world.stream(at)?.kept() ?? [])
    .filter(({ seq }) => seq < (beforeSeq ?? Number.POSITIVE_INFINITY) && seq > (afterSeq ?? 0))
    .filter((commit) => tokens.every((token) => commit.tokens.includes(token)))
    .map(({ seq }) => seq);
  const query = {
    ...world.address(at),
    order,
    tokens,
    ...(beforeSeq === undefined ? {} : { beforeSeq }),
    ...(afterSeq === undefined ? {} : { afterSeq }),
    ...(limit === undefined ? {} : { limit }),
  };
  const ordered = order === 'asc' ? wanted : wanted.reverse();
  assertSame(await listedSeqs(world.saver, query), ordered.slice(0, limit), 'list finds exactly what is asked for');
}

async function listThreads(
  world: World,
  { status }: { status: 'abandoned' | 'running' | 'interrupted' | 'completed' | 'failed' | undefined },
): Promise<void> {
  await assertListing(world.saver, world.model, [...world.named], status === undefined ? {} : { status });
}
