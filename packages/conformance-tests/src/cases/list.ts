/** `list` (law 9): the headers of one stream by seq, in pages that neither skip nor repeat. */

import assert from 'node:assert/strict';
import type { CheckpointCommit, CheckpointHeader } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { headerOf } from '../fixtures/commits.js';
import { collect, listedSeqs, plainHeader } from '../fixtures/reads.js';

/** More headers than any saver's page. */
const many = 450;

export const listCases: readonly ConformanceCase[] = [
  {
    id: 'law-9/list-newest-first',
    states: 'Headers come by seq, newest first unless asked for the other order, and whole.',
    async run({ saver, grow }) {
      const commits = await grow(12);
      const stream = commits[0] as CheckpointCommit;
      const headers = commits.map((commit) => plainHeader(headerOf(commit)));
      const { threadId, namespace } = stream;
      assertSame((await collect(saver.list({ threadId, namespace, order: 'asc' }))).map(plainHeader), headers);
      assertSame((await collect(saver.list({ threadId, namespace }))).map(plainHeader), headers.toReversed());
      assertSame(await listedSeqs(saver, { threadId, namespace, order: 'desc' }), seqs(12, 1));
    },
  },
  {
    id: 'law-9/list-nothing',
    states: 'An unknown thread or namespace lists nothing.',
    async run({ saver, grow, threadId }) {
      const [one] = (await grow(2)) as [CheckpointCommit];
      assertSame(await listedSeqs(saver, { threadId: threadId(), namespace: [] }), []);
      assertSame(await listedSeqs(saver, { threadId: one.threadId, namespace: ['child'] }), []);
    },
  },
  {
    id: 'law-9/list-limit',
    states: 'A limit of n lists at most n headers; a limit of 0 lists nothing.',
    async run({ saver, grow }) {
      const [{ threadId, namespace }] = (await grow(5)) as [CheckpointCommit];
      for (const order of ['asc', 'desc'] as const) {
        const all = order === 'asc' ? seqs(1, 5) : seqs(5, 1);
        for (const limit of [0, 1, 2, 4, 5, 6, 1_000_000]) {
          assertSame(await listedSeqs(saver, { threadId, namespace, order, limit }), all.slice(0, limit));
        }
      }
    },
  },
  {
    id: 'law-9/list-before-and-after',
    states: 'beforeSeq and afterSeq exclude the seq they name, together or alone, in either order and with a limit.',
    async run({ saver, grow }) {
      const [{ threadId, namespace }] = (await grow(8)) as [CheckpointCommit];
      for (const order of ['asc', 'desc'] as const) {
        for (const beforeSeq of [undefined, 0, 1, 4, 8, 9, 100]) {
          for (const afterSeq of [undefined, 0, 1, 3, 7, 8, 100]) {
            for (const limit of [undefined, 2]) {
              const query = { threadId, namespace, order, ...defined({ beforeSeq, afterSeq, limit }) };
              const inside = seqs(1, 8).filter((seq) => seq < (beforeSeq ?? Infinity) && seq > (afterSeq ?? -1));
              const expected = (order === 'asc' ? inside : inside.toReversed()).slice(0, limit);
              assertSame(await listedSeqs(saver, query), expected, JSON.stringify(query));
            }
          }
        }
      }
    },
  },
  {
    id: 'law-9/list-numeric-order',
    states: 'Seqs are ordered as numbers, also past 9, 99 and 255.',
    async run({ saver, grow }) {
      const [{ threadId, namespace }] = (await grow(300)) as [CheckpointCommit];
      assertSame(await listedSeqs(saver, { threadId, namespace, order: 'asc' }), seqs(1, 300));
      assertSame(await listedSeqs(saver, { threadId, namespace, beforeSeq: 11, limit: 3 }), [10, 9, 8]);
      assertSame(await listedSeqs(saver, { threadId, namespace, order: 'asc', afterSeq: 255, limit: 2 }), [256, 257]);
    },
  },
  {
    id: 'law-9/list-all-branches',
    states: 'A listing holds every branch of its stream, by seq and not by branch.',
    async run({ saver, grow, fork, next }) {
      const commits = await grow(3);
      const [one, two, three] = commits as [CheckpointCommit, CheckpointCommit, CheckpointCommit];
      const left = fork(one, three);
      const leftAgain = next(left);
      const right = fork(two, leftAgain);
      for (const commit of [left, leftAgain, right]) await saver.put(commit);
      const listed = await collect(saver.list({ threadId: one.threadId, namespace: [], order: 'asc' }));
      assertSame(
        listed.map(({ checkpointId, parentId }) => [checkpointId, parentId ?? undefined]),
        [one, two, three, left, leftAgain, right].map(({ checkpointId, parentId }) => [checkpointId, parentId]),
      );
    },
  },
  {
    id: 'law-9/list-ignores-clocks',
    states: 'Order comes from seq, never from a clock that went back.',
    async run({ saver, clock, grow }) {
      const commits = await grow(2);
      clock.advance(-86_400_000);
      commits.push(...(await grow(2, {}, commits[1] as CheckpointCommit)));
      const [{ threadId, namespace }] = commits as [CheckpointCommit];
      assertSame(await listedSeqs(saver, { threadId, namespace, order: 'asc' }), [1, 2, 3, 4]);
    },
  },
  {
    id: 'law-9/list-pages-oldest-first-under-writes',
    states: 'A listing of many pages, oldest first, shows each header once while others commit and prune.',
    async run({ saver, openOther, grow, next }) {
      const commits = await grow(many);
      const other = await openOther();
      const stream = { threadId: (commits[0] as CheckpointCommit).threadId, namespace: [] };
      const seen: number[] = [];
      let head: CheckpointHeader = commits.at(-1) as CheckpointCommit;
      const dropped = new Set<number>();
      for await (const { seq } of saver.list({ ...stream, order: 'asc' })) {
        seen.push(seq);
        if (seq % 40 !== 0 || seq > many) continue;
        head = await committed(other, next(head));
        const behind = commits.slice(Math.max(0, seq - 30), seq - 10);
        await other.prune(
          stream,
          behind.map(({ checkpointId }) => checkpointId),
        );
        for (const each of behind) dropped.add(each.seq);
      }
      assertNoGaps(seen, 1);
      assertSame(seen.slice(0, many), seqs(1, many), 'no header that was there throughout is missing');
      const left = seqs(1, head.seq).filter((seq) => !dropped.has(seq));
      assertSame(await listedSeqs(saver, { ...stream, order: 'asc' }), left);
    },
  },
  {
    id: 'law-9/list-pages-newest-first-under-writes',
    states: 'A listing of many pages, newest first, shows each header once while others commit.',
    async run({ saver, openOther, grow, next }) {
      const commits = await grow(many);
      const other = await openOther();
      const seen: number[] = [];
      let head: CheckpointHeader = commits.at(-1) as CheckpointCommit;
      for await (const { seq } of saver.list({ threadId: head.threadId, namespace: [] })) {
        seen.push(seq);
        if (seq % 7 === 0) head = await committed(other, next(head));
      }
      assertSame(
        seen.filter((seq) => seq <= many),
        seqs(many, 1),
      );
      assert.ok(
        seen.every((seq, index) => index === 0 || seq < (seen[index - 1] as number)),
        'strictly descending',
      );
    },
  },
  {
    id: 'law-9/list-left-early',
    states: 'A listing that is left early holds nothing back: writes, reads and other listings go on.',
    async run({ saver, grow, next }) {
      const commits = await grow(many);
      let head: CheckpointHeader = commits.at(-1) as CheckpointCommit;
      const stream = { threadId: head.threadId, namespace: [] };
      for (let round = 0; round < 10; round += 1) {
        for await (const header of saver.list(stream)) {
          assert.equal(header.seq, head.seq);
          break;
        }
        head = await committed(saver, next(head));
      }
      const open = [saver.list(stream), saver.list({ ...stream, order: 'asc' as const })].map((each) =>
        each[Symbol.asyncIterator](),
      );
      for (const iterator of open) await iterator.next();
      head = await committed(saver, next(head));
      for (const iterator of open) await iterator.return?.();
      assert.equal((await saver.get(stream))?.header.seq, head.seq);
    },
  },
  {
    id: 'law-9/list-several-at-once',
    states: 'Several listings that run side by side each show everything.',
    async run({ saver, grow }) {
      const [{ threadId, namespace }] = (await grow(120)) as [CheckpointCommit];
      const listings = Array.from({ length: 6 }, (_, index) =>
        listedSeqs(saver, { threadId, namespace, order: index % 2 === 0 ? 'asc' : 'desc' }),
      );
      for (const [index, listed] of (await Promise.all(listings)).entries()) {
        assertSame(listed, index % 2 === 0 ? seqs(1, 120) : seqs(120, 1));
      }
    },
  },
];

/** The seqs from one to another, both included, up or down. */
function seqs(from: number, to: number): number[] {
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => from + index * step);
}

function defined<T extends object>(parts: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept = Object.entries(parts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]: Exclude<T[K], undefined> };
}

async function committed(
  saver: { put(commit: CheckpointCommit): Promise<void> },
  commit: CheckpointCommit,
): Promise<CheckpointCommit> {
  await saver.put(commit);
  return commit;
}

function assertNoGaps(seen: readonly number[], from: number): void {
  for (const [index, seq] of seen.entries()) assert.equal(seq, from + index, 'a seq was skipped or repeated');
}
