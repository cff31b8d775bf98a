/** Savers that read wrongly: too much, too little, in the wrong order, or what others may scribble on. */
import { type CheckpointHeader, type CheckpointSaver, hasCode, type StoredCheckpoint } from '@cairn/checkpoint-core';
import { collect } from '../fixtures/reads.js';
import { altered, type Mutant } from './mutant.js';

/** The page of a listing by offset. */
const pageSize = 50;

export const readMutants: readonly Mutant[] = [
  {
    id: 'limit-zero-lists-all',
    defect: 'A limit of 0 passes for no limit.',
    caughtBy: ['law-9/list-limit', 'law-9/list-threads-limit'],
    apply: (saver) =>
      altered(saver, {
        list: ({ limit, ...query }) => saver.list(limit ? { ...query, limit } : query),
        listThreads: ({ limit, ...query }) => saver.listThreads(limit ? { ...query, limit } : query),
      }),
  },
  {
    id: 'pages-by-offset',
    defect: 'Pages are counted from the start, so that rows are skipped or repeated while others write and prune.',
    caughtBy: ['law-9/list-pages-oldest-first-under-writes', 'law-9/list-pages-newest-first-under-writes'],
    apply: (saver) =>
      altered(saver, {
        async *list(query) {
          for (let offset = 0; ; offset += pageSize) {
            const all: CheckpointHeader[] = await collect(saver.list(query));
            yield* all.slice(offset, offset + pageSize);
            if (all.length <= offset + pageSize) return;
          }
        },
      }),
  },
  {
    id: 'thread-pages-by-offset',
    defect: 'Pages of threads are counted from the start, so that threads are skipped while others are deleted.',
    caughtBy: ['law-9/list-threads-pages-under-writes'],
    apply: (saver) =>
      altered(saver, {
        async *listThreads(query) {
          for (let offset = 0; ; offset += pageSize) {
            const all = await collect(saver.listThreads(query));
            yield* all.slice(offset, offset + pageSize);
            if (all.length <= offset + pageSize) return;
          }
        },
      }),
  },
  {
    id: 'threads-in-utf16-order',
    defect: 'Thread ids are ordered as JavaScript compares strings, which is not bytewise above U+FFFF.',
    caughtBy: ['law-9/list-threads-bytewise'],
    apply: (saver) =>
      altered(saver, {
        async *listThreads(query) {
          yield* (await collect(saver.listThreads(query))).sort((a, b) => (a.threadId < b.threadId ? -1 : 1));
        },
      }),
  },
  {
    id: 'abandoned-shown-as-running',
    defect: 'A thread whose runner died is listed as running for ever.',
    caughtBy: ['law-9/list-threads-abandoned'],
    apply: (saver) =>
      altered(saver, {
        async *listThreads(query) {
          for await (const thread of saver.listThreads(query)) {
            yield thread.status === 'abandoned' ? { ...thread, status: 'running' } : thread;
          }
        },
      }),
  },
  {
    id: 'any-token-matches',
    defect: 'A listing matches headers that have one of the tokens asked for.',
    caughtBy: ['law-8/list-every-token'],
    apply: (saver) => filtering(saver, (own, wanted) => wanted.some((token) => own.includes(token))),
  },
  {
    id: 'tokens-as-parts',
    defect: 'A token matches every token that it is a part of.',
    caughtBy: ['law-8/list-hostile-tokens', 'law-8/list-tokens-never-joined'],
    apply: (saver) =>
      filtering(saver, (own, wanted) => wanted.every((token) => own.some((each) => each.includes(token)))),
  },
  {
    id: 'filter-keys-as-paths',
    defect: 'What a filter asks for is read as a path into what is stored: `a.b` is looked for inside of `a`.',
    caughtBy: ['law-8/list-hostile-tokens', 'law-8/list-all-hostile-tokens-at-once'],
    apply: (saver) =>
      filtering(saver, (own, wanted) => wanted.every((token) => !token.includes('.') && own.includes(token))),
  },
  {
    id: 'filter-after-limit',
    defect: 'A listing takes as many headers as its limit says and filters those.',
    caughtBy: ['law-8/list-filter-before-limit'],
    apply: (saver) =>
      altered(saver, {
        async *list({ tokens = [], ...query }) {
          for await (const header of saver.list(query)) {
            if (tokens.every((token) => header.tokens.includes(token))) yield header;
          }
        },
      }),
  },
  {
    id: 'writes-unordered',
    defect: 'Pending writes come in the order the store finds them.',
    caughtBy: ['method/get-orders-writes'],
    apply: (saver) => reading(saver, (stored) => ({ ...stored, writes: [...stored.writes].reverse() })),
  },
  {
    id: 'chain-cut-short',
    defect: 'A read brings the record of each channel and the one before it, not all that it rests on.',
    caughtBy: ['method/get-exact-records', 'method/get-longest-chain'],
    apply: (saver) =>
      reading(saver, (stored) => ({
        ...stored,
        records: stored.records.filter(({ channel, seq }) => {
          const top = stored.header.channels.find((version) => version.channel === channel)?.seq ?? seq;
          return seq >= top - 1;
        }),
      })),
  },
  {
    id: 'query-read-late',
    defect:
      'A query is read when the first row is asked for, so that a caller who uses its object again changes what is listed.',
    caughtBy: ['law-6/list-input-changed-afterwards'],
    apply: (saver) =>
      altered(saver, {
        async *list(query) {
          yield* saver.list(query);
        },
        async *listThreads(query) {
          yield* saver.listThreads(query);
        },
      }),
  },
  {
    id: 'references-handed-out',
    defect:
      'Two reads of a checkpoint return one object, so that a caller who changes it changes what the next one reads.',
    caughtBy: ['law-6/get-output-changed'],
    apply(saver) {
      const cache = new Map<string, StoredCheckpoint>();
      return altered(saver, {
        async get(address) {
          const stored = await saver.get(address);
          if (stored === undefined) return undefined;
          const key = JSON.stringify([address.threadId, stored.header.digest, stored.head, stored.writes.length]);
          if (!cache.has(key)) cache.set(key, stored);
          return cache.get(key);
        },
      });
    },
  },
  {
    id: 'reads-coalesced',
    defect:
      'Reads of one stream that come while another is under way are given its answer, whichever checkpoint they ask for.',
    caughtBy: ['method/get-by-many-at-once'],
    apply(saver) {
      const underWay = new Map<string, Promise<StoredCheckpoint | undefined>>();
      return altered(saver, {
        get(address) {
          const key = JSON.stringify([address.threadId, address.namespace]);
          const answer = underWay.get(key) ?? saver.get(address).finally(() => underWay.delete(key));
          underWay.set(key, answer);
          return answer;
        },
      });
    },
  },
  {
    id: 'closed-reads-nothing',
    defect: 'A closed saver answers reads as if its store were empty.',
    caughtBy: ['law-10/close-every-method'],
    apply: (saver) =>
      altered(saver, {
        async get(address) {
          try {
            return await saver.get(address);
          } catch (error) {
            if (hasCode(error, 'CAIRN_SAVER_CLOSED')) return undefined;
            throw error;
          }
        },
      }),
  },
  {
    id: 'seqs-as-text',
    defect: 'Seqs are ordered as texts, so that 10 comes before 9.',
    caughtBy: ['law-9/list-numeric-order'],
    apply: (saver) =>
      altered(saver, {
        async *list(query) {
          const sign = query.order === 'asc' ? 1 : -1;
          const asText = (a: CheckpointHeader, b: CheckpointHeader): number =>
            String(a.seq) < String(b.seq) ? -sign : sign;
          yield* (await collect(saver.list(query))).sort(asText);
        },
      }),
  },
  {
    id: 'bounds-included',
    defect: 'A listing includes the seqs and times that bound it.',
    caughtBy: ['law-9/list-before-and-after', 'law-9/list-threads-updated-before'],
    apply: (saver) =>
      altered(saver, {
        list: ({ beforeSeq = Infinity, afterSeq = 0, ...query }) =>
          saver.list({ ...query, beforeSeq: beforeSeq + 1, afterSeq: afterSeq - 1 }),
        listThreads: ({ updatedBefore = Infinity, ...query }) =>
          saver.listThreads({ ...query, updatedBefore: updatedBefore + 1 }),
      }),
  },
  {
    id: 'lists-one-branch',
    defect: "A listing shows the head's ancestors only; other branches can't be found any more.",
    caughtBy: ['law-9/list-all-branches'],
    apply: (saver) =>
      altered(saver, {
        async *list(query) {
          const { threadId, namespace } = query;
          const all = await collect(saver.list({ threadId, namespace }));
          const parents = new Map(all.map(({ checkpointId, parentId }) => [checkpointId, parentId]));
          const branch = new Set<string | undefined>();
          for (let id = all[0]?.checkpointId; id !== undefined; id = parents.get(id)) branch.add(id);
          for await (const header of saver.list(query)) if (branch.has(header.checkpointId)) yield header;
        },
      }),
  },
  {
    id: 'empty-bytes-lost',
    defect: 'A record without bytes passes for a record that is not there.',
    caughtBy: ['law-10/put-no-bytes'],
    apply: (saver) =>
      reading(saver, (stored) => ({ ...stored, records: stored.records.filter(({ bytes }) => bytes.length > 0) })),
  },
];

/** A saver whose listings filter headers in a way of their own. */
function filtering(
  saver: CheckpointSaver,
  isMatch: (own: readonly string[], wanted: readonly string[]) => boolean,
): CheckpointSaver {
  return altered(saver, {
    async *list({ tokens = [], limit = Infinity, ...query }) {
      let left = limit;
      for await (const header of saver.list(query)) {
        if (tokens.length > 0 && !isMatch(header.tokens, tokens)) continue;
        if (left <= 0) return;
        left -= 1;
        yield header;
      }
    },
  });
}

/** A saver that alters what `get` returns. */
function reading(saver: CheckpointSaver, alter: (stored: StoredCheckpoint) => StoredCheckpoint): CheckpointSaver {
  return altered(saver, {
    async get(address) {
      const stored = await saver.get(address);
      return stored && alter(stored);
    },
  });
}
