/** Two processes on one store: the laws that hold within one process hold between them. */
import assert from 'node:assert/strict';
import type { CheckpointCommit, Lease } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import type { CaseContext } from '../context.js';
import { assertSame } from '../fixtures/assert-same.js';
import { writesOf } from '../fixtures/commits.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { mustGet } from '../fixtures/reads.js';
import type { CallOutcome, MethodCall } from '../processes/jobs.js';
import type { OtherProcess } from '../processes/other-process.js';

const requires = { shared: 'processes' } as const;
const rounds = 10;
const long = 60_000;

export const processCases: readonly ConformanceCase[] = [
  {
    id: 'processes/setup-at-once',
    states: 'Processes that make the tables of an empty store at once all succeed, and find the same store.',
    requires,
    async run({ startProcess, first, saver }) {
      const others = await Promise.all(Array.from({ length: 4 }, () => startProcess()));
      const one = first();
      const calls: MethodCall[] = [{ method: 'setup', args: [] }];
      const outcomes = (await Promise.all(others.map((other) => other.call(calls)))).flat();
      assertSame(failures(outcomes), []);
      await succeeds(others[0], 'put', one);
      await succeeds(others[3], 'put', one);
      await assertStream(saver, { commits: [one] });
    },
  },
  {
    id: 'processes/put-one-winner',
    states: 'Of commits that several processes propose for one seq at once exactly one is stored.',
    requires,
    async run(context) {
      const others = await twoProcesses(context);
      const { saver, first, next } = context;
      const commits = [first()];
      await saver.put(commits[0] as CheckpointCommit);
      for (let round = 0; round < rounds; round += 1) {
        const head = commits.at(-1) as CheckpointCommit;
        const rivals = Array.from({ length: 8 }, () => next(head));
        const outcomes = await spread(
          others,
          rivals.map((commit) => ({ method: 'put', args: [commit] })),
        );
        const winners = rivals.filter((_, index) => outcomes[index]?.ok);
        assert.equal(winners.length, 1, `exactly one of ${rivals.length} commits wins, and ${winners.length} did`);
        assertCodes(outcomes, 'CAIRN_CHECKPOINT_CONFLICT');
        commits.push(...winners);
        await assertStream(saver, { commits });
      }
    },
  },
  {
    id: 'processes/put-twenty-increments',
    states: 'Twenty increments from two processes, each tried again after a conflict, count to twenty.',
    requires,
    async run(context) {
      const others = await twoProcesses(context);
      const { saver, first } = context;
      const one = first({ changes: [{ channel: 'count', bytes: Buffer.from('0') }] });
      await saver.put(one);
      const { threadId, namespace } = one;
      await Promise.all(
        others.map((other, index) =>
          other.increment({ stream: { threadId, namespace }, count: 10, name: `p${index}` }),
        ),
      );
      const { header, records } = await mustGet(saver, { threadId, namespace });
      assert.equal(Buffer.from(records[0]?.bytes ?? []).toString(), '20');
      assert.equal(header.seq, 21);
    },
  },
  {
    id: 'processes/acquire-lease-one-holder',
    states: 'Of holders in several processes that ask for a free thread at once exactly one gets it.',
    requires,
    async run(context) {
      const others = await twoProcesses(context);
      for (let round = 0; round < rounds; round += 1) {
        const threadId = context.threadId();
        const calls = Array.from({ length: 8 }, (_, index): MethodCall => {
          return { method: 'acquireLease', args: [threadId, { holder: `runner-${index}`, ttlMs: long }] };
        });
        const outcomes = await spread(others, calls);
        assert.equal(outcomes.filter(({ ok }) => ok).length, 1, 'exactly one holder gets the thread');
        assertCodes(outcomes, 'CAIRN_THREAD_BUSY');
      }
    },
  },
  {
    id: 'processes/lease-excludes-other-process',
    states: "While one process holds a thread, another's commits are refused; once it gives the lease back, they win.",
    requires,
    async run(context) {
      const [one, other] = await twoProcesses(context);
      const { saver, first, next, batch } = context;
      const base = first();
      await saver.put(base);
      const request = { holder: 'a', ttlMs: long };
      const lease = (await succeeds(one, 'acquireLease', base.threadId, request)) as Lease;
      const [rival, two] = [next(base), next(base, { lease: lease.token })];
      await fails(other, 'CAIRN_THREAD_BUSY', 'put', rival);
      await fails(other, 'CAIRN_THREAD_BUSY', 'putWrites', batch(base));
      await fails(other, 'CAIRN_THREAD_BUSY', 'deleteThread', base.threadId);
      await fails(other, 'CAIRN_THREAD_BUSY', 'acquireLease', base.threadId, { ...request, holder: 'b' });
      await succeeds(one, 'put', two);
      await succeeds(one, 'releaseLease', lease);
      await fails(one, 'CAIRN_LEASE_LOST', 'put', next(two, { lease: lease.token }));
      const three = next(two);
      await succeeds(other, 'put', three);
      await assertStream(saver, { commits: [base, two, three] });
    },
  },
  {
    id: 'processes/lease-replaced-by-other-process',
    states: 'Once another process has replaced a lease, no write with the old token lands any more.',
    requires,
    async run(context) {
      const [one, other] = await twoProcesses(context);
      const { saver, first, next } = context;
      const base = first();
      await saver.put(base);
      const ask = (holder: string) => [base.threadId, { holder, ttlMs: long, replace: true }] as const;
      const old = (await succeeds(one, 'acquireLease', ...ask('a'))) as Lease;
      const lease = (await succeeds(other, 'acquireLease', ...ask('b'))) as Lease;
      assert.ok(lease.fence > old.fence, 'the fence grows between processes');
      await fails(one, 'CAIRN_LEASE_LOST', 'put', next(base, { lease: old.token }));
      await succeeds(one, 'releaseLease', old);
      const two = next(base, { lease: lease.token });
      await succeeds(other, 'put', two);
      await assertStream(saver, { commits: [base, two] });
    },
  },
  {
    id: 'processes/sees-other-process',
    states: 'What one process was acknowledged another sees at once.',
    requires,
    async run(context) {
      const { saver, startProcess, first, next, batch } = context;
      const other = await startProcess();
      let head = first();
      const commits = [head];
      await succeeds(other, 'put', head);
      for (let seq = 2; seq <= 8; seq += 1) {
        const written = batch(head);
        await succeeds(other, 'putWrites', written);
        await assertStream(saver, { commits, writes: new Map([[head.checkpointId, writesOf(written)]]) });
        head = next(head, { consumes: 'all' });
        await saver.put(head);
        commits.push(head);
        const { threadId, namespace } = head;
        const seen = await succeeds(other, 'get', { threadId, namespace });
        assert.equal(Reflect.get(Object(seen), 'head').seq, seq);
      }
      await assertStream(saver, { commits });
    },
  },
];

async function twoProcesses({ saver, startProcess }: CaseContext): Promise<[OtherProcess, OtherProcess]> {
  await saver.setup();
  return Promise.all([startProcess(), startProcess()]);
}

/** Makes the calls at once, every other one in the other process; the outcomes come in the calls' order. */
async function spread(processes: readonly OtherProcess[], calls: readonly MethodCall[]): Promise<CallOutcome[]> {
  const shares = await Promise.all(
    processes.map((each, index) => each.call(calls.filter((_, place) => place % processes.length === index))),
  );
  return calls.map(
    (_, place) => shares[place % processes.length]?.[Math.floor(place / processes.length)] as CallOutcome,
  );
}

async function succeeds(
  of: OtherProcess | undefined,
  method: MethodCall['method'],
  ...args: unknown[]
): Promise<unknown> {
  const [outcome] = (await of?.call([{ method, args }])) ?? [];
  assert.ok(outcome, `${method} in another process was answered`);
  assert.ok(
    outcome.ok,
    outcome.ok ? '' : `${method} in another process must succeed, and it failed with: ${outcome.message}`,
  );
  return outcome.value;
}

async function fails(of: OtherProcess, code: string, method: MethodCall['method'], ...args: unknown[]): Promise<void> {
  assertCodes(await of.call([{ method, args }]), code, 0);
}

function assertCodes(outcomes: readonly CallOutcome[], code: string, winners = 1): void {
  const lost = failures(outcomes);
  assert.equal(lost.length, outcomes.length - winners, `the call must fail with ${code}`);
  for (const each of lost) assert.equal(each.code, code, each.message);
}

function failures(outcomes: readonly CallOutcome[]): Extract<CallOutcome, { ok: false }>[] {
  return outcomes.filter((outcome) => !outcome.ok);
}
