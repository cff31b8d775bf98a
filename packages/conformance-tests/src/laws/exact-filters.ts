/** Exact filters (law 8): tokens are opaque texts; a query matches the headers that have every one of them. */

import { type CheckpointCommit, compareText, type RawCheckpoint, rawDigest } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { hostileNames } from '../fixtures/hostile-names.js';
import { collect, listedSeqs, listedThreads, mustGet } from '../fixtures/reads.js';

export const exactFilterCases: readonly ConformanceCase[] = [
  {
    id: 'law-8/list-every-token',
    states: 'A listing matches headers that have all of the tokens asked for, and no tokens match every header.',
    async run({ saver, grow }) {
      const commits: CheckpointCommit[] = [];
      for (const tokens of [['a'], ['a', 'b'], ['b'], [], ['a', 'b', 'c']]) {
        commits.push(...(await grow(1, { tokens }, commits.at(-1))));
      }
      const [{ threadId, namespace }] = commits as [CheckpointCommit];
      const expected: [string[], number[]][] = [
        [[], [1, 2, 3, 4, 5]],
        [['a'], [1, 2, 5]],
        [
          ['a', 'b'],
          [2, 5],
        ],
        [
          ['b', 'a'],
          [2, 5],
        ],
        [
          ['a', 'a'],
          [1, 2, 5],
        ],
        [['a', 'b', 'c'], [5]],
        [['d'], []],
        [['a', 'd'], []],
      ];
      for (const [tokens, seqs] of expected) {
        const query = { threadId, namespace, order: 'asc', tokens } as const;
        assertSame(await listedSeqs(saver, query), seqs, JSON.stringify(tokens));
      }
    },
  },
  {
    id: 'law-8/list-hostile-tokens',
    states: 'A token matches as a whole text, whatever it is: no pattern, no part, no path, no case folding.',
    async run({ saver, grow }) {
      const commits: CheckpointCommit[] = [];
      for (const token of hostileNames) commits.push(...(await grow(1, { tokens: [token] }, commits.at(-1))));
      const [{ threadId, namespace }] = commits as [CheckpointCommit];
      for (const [index, token] of hostileNames.entries()) {
        const seqs = await listedSeqs(saver, { threadId, namespace, tokens: [token] });
        assertSame(seqs, [index + 1], `token ${JSON.stringify(token)}`);
      }
      for (const token of ['', 'aa', '%%', '"a"', '["a"]["a"]', 'a","b', 'a b c']) {
        assertSame(
          await listedSeqs(saver, { threadId, namespace, tokens: [token] }),
          [],
          `token ${JSON.stringify(token)}`,
        );
      }
    },
  },
  {
    id: 'law-8/list-tokens-never-joined',
    states: 'Two tokens of a header never match as one, nor one as two.',
    async run({ saver, grow }) {
      const commits: CheckpointCommit[] = [];
      for (const tokens of [['a', 'b'], ['a,b'], ['a b'], ['a","b'], ['ab'], ['a', 'ab', 'b'].slice(1)]) {
        commits.push(...(await grow(1, { tokens }, commits.at(-1))));
      }
      const [{ threadId, namespace }] = commits as [CheckpointCommit];
      const find = (...tokens: string[]): Promise<number[]> =>
        listedSeqs(saver, { threadId, namespace, order: 'asc', tokens });
      assertSame(await find('a', 'b'), [1]);
      assertSame(await find('a,b'), [2]);
      assertSame(await find('a b'), [3]);
      assertSame(await find('a","b'), [4]);
      assertSame(await find('ab'), [5, 6]);
    },
  },
  {
    id: 'law-8/list-all-hostile-tokens-at-once',
    states: 'A header may have many tokens and a query many, and they come back as they were given.',
    async run({ saver, grow }) {
      const tokens = [...hostileNames].sort(compareText);
      const [one, two] = (await grow(2, { tokens })) as [CheckpointCommit, CheckpointCommit];
      const stream = { threadId: one.threadId, namespace: [] };
      assertSame(await listedSeqs(saver, { ...stream, tokens, order: 'asc' }), [1, 2]);
      assertSame(await listedSeqs(saver, { ...stream, tokens: [...tokens, 'none'] }), []);
      assertSame((await mustGet(saver, two)).header.tokens, tokens);
    },
  },
  {
    id: 'law-8/list-filter-before-limit',
    states: 'Limit and bounds count the headers that match, not those that were looked at.',
    async run({ saver, grow }) {
      const commits: CheckpointCommit[] = [];
      for (let seq = 1; seq <= 300; seq += 1) {
        commits.push(...(await grow(1, { tokens: seq % 100 === 0 ? ['rare'] : ['usual'] }, commits.at(-1))));
      }
      const stream = { threadId: (commits[0] as CheckpointCommit).threadId, namespace: [], tokens: ['rare'] };
      assertSame(await listedSeqs(saver, { ...stream, limit: 2 }), [300, 200]);
      assertSame(await listedSeqs(saver, { ...stream, order: 'asc', limit: 2 }), [100, 200]);
      assertSame(await listedSeqs(saver, { ...stream, beforeSeq: 300, limit: 5 }), [200, 100]);
      assertSame(await listedSeqs(saver, { ...stream, limit: 0 }), []);
    },
  },
  {
    id: 'law-8/list-threads-root-head-only',
    states: "listThreads matches the tokens of the root head: not an older checkpoint's, not a nested stream's.",
    async run({ saver, first, next, fork }) {
      const was = first({ threadId: 'was', tokens: ['t'] });
      const child = first({ threadId: 'child', tokens: [] });
      const fresh = first({ threadId: 'fresh', tokens: [] });
      const forked = first({ threadId: 'forked', tokens: ['t'] });
      for (const commit of [was, child, fresh, forked]) await saver.put(commit);
      await saver.put(next(was, { tokens: [] }));
      await saver.put(first({ threadId: 'child', namespace: ['n'], tokens: ['t'] }));
      await saver.put(next(fresh, { tokens: ['t'] }));
      const two = next(forked, { tokens: [] });
      await saver.put(two);
      await saver.put(fork(forked, two, { tokens: ['t', 'u'] }));
      assertSame(await listedThreads(saver, { tokens: ['t'] }), ['forked', 'fresh']);
      assertSame(await listedThreads(saver, { tokens: ['t', 'u'] }), ['forked']);
      assertSame(await listedThreads(saver, { tokens: [] }), ['child', 'forked', 'fresh', 'was']);
    },
  },
  {
    id: 'law-8/list-threads-hostile-tokens',
    states: 'listThreads, too, matches a token as a whole text.',
    async run({ saver, first }) {
      for (const [index, token] of hostileNames.entries()) {
        await saver.put(first({ threadId: `thread-${index}`, tokens: [token] }));
      }
      for (const [index, token] of hostileNames.entries()) {
        assertSame(await listedThreads(saver, { tokens: [token] }), [`thread-${index}`], JSON.stringify(token));
      }
    },
  },
  {
    id: 'law-8/list-after-copy-prune-and-delete',
    states:
      "Tokens go where their headers go: into copies, out with what is pruned or deleted, and never to a thread's next life.",
    async run({ saver, grow, threadId, first }) {
      const id = threadId();
      const [one, two, three] = (await grow(3, { threadId: id, tokens: ['t'] })) as [
        CheckpointCommit,
        CheckpointCommit,
        CheckpointCommit,
      ];
      const find = (thread: string): Promise<number[]> =>
        listedSeqs(saver, { threadId: thread, namespace: [], order: 'asc', tokens: ['t'] });
      await saver.copyThread(id, 'copy-whole');
      await saver.copyThread(id, 'copy-part', two);
      await saver.prune(one, [one.checkpointId]);
      assertSame(await find(id), [2, 3]);
      assertSame(await find('copy-whole'), [1, 2, 3]);
      assertSame(await find('copy-part'), [1, 2]);
      assertSame(await listedThreads(saver, { tokens: ['t'] }), ['copy-part', 'copy-whole', id].sort(compareText));
      await saver.deleteThread(id);
      await saver.put(first({ threadId: id, checkpointId: three.checkpointId, tokens: ['u'] }));
      assertSame(await find(id), []);
      assertSame(await listedThreads(saver, { tokens: ['t'] }), ['copy-part', 'copy-whole']);
    },
  },
  {
    id: 'law-8/list-after-restore',
    states: 'Restored headers are found by their tokens, and rewritten ones still are.',
    requires: { maintenance: true },
    async run({ maintainable, grow }) {
      const saver = maintainable();
      const [{ threadId }] = (await grow(2, { tokens: ['t'] })) as [CheckpointCommit];
      const rows = await collect(saver.scan(threadId));
      await saver.restore(
        'restored',
        (async function* () {
          yield* rows;
        })(),
      );
      const header = rows.find(({ kind }) => kind === 'checkpoint') as RawCheckpoint;
      await saver.replace(threadId, [{ ...header, bytes: Uint8Array.of(1) }], [rawDigest(header)]);
      for (const id of [threadId, 'restored']) {
        const query = { threadId: id, namespace: [], order: 'asc', tokens: ['t'] } as const;
        assertSame(await listedSeqs(saver, query), [1, 2]);
      }
      assertSame(await listedThreads(saver, { tokens: ['t'] }), ['restored', threadId].sort(compareText));
    },
  },
];
