/** Metadata filters whose keys and values are more than letters. */
import type { Metadata } from '@cairn/checkpoint-core';
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import { found } from './cairn-calls.js';
import { listed, put, saysOf } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

const stored: readonly Metadata[] = [{ 'a.b': 1 }, { a: { b: 1 } }, { a: { b: 1, c: 2 } }, { '[a]': 1 }];
/** Each finds exactly one of the above. */
const filters: readonly Metadata[] = [{ 'a.b': 1 }, { a: { b: 1 } }, { '[a]': 1 }];

export const filterKeysArePaths: Reproduction = {
  id: 'filter-keys-are-paths',
  breaks: 'law-8',
  statement: 'a metadata filter finds what it does not name, and not what it names',
  explanation:
    'Each saver has its own idea of a filter. SqliteSaver makes a JSON path of the key, so that `a.b` is looked for inside ' +
    '`a`, and a bracket in a key is an error from the engine. PostgresSaver asks for containment, so that ' +
    '`{ a: { b: 1 } }` also finds `{ a: { b: 1, c: 2 } }`. MemorySaver compares by identity, so that no object is ever found. ' +
    'The same program filters differently in development and in production.',
  upstream: [
    [
      'CVE-2025-67644 (the Python saver: keys went into the statement)',
      'https://nvd.nist.gov/vuln/detail/CVE-2025-67644',
    ],
  ],
  explains: ['law-8/list-hostile-tokens', 'law-8/list-all-hostile-tokens-at-once'],
  peers: {
    MemorySaver: { '{"a.b":1}': [1], '{"a":{"b":1}}': [], '{"[a]":1}': [4] },
    SqliteSaver: { '{"a.b":1}': [2, 3], '{"a":{"b":1}}': [2], '{"[a]":1}': "SqliteError: bad JSON path: '$.[a]'" },
    PostgresSaver: { '{"a.b":1}': [1], '{"a":{"b":1}}': [2, 3], '{"[a]":1}': [4] },
  },
  cairn: { '{"a.b":1}': [1], '{"a":{"b":1}}': [2], '{"[a]":1}': [4] },

  async onPeer(saver) {
    let parent: string | undefined;
    for (const [index, metadata] of stored.entries()) {
      parent = await put(saver, 'a', { step: index + 1 }, { ...(parent && { parent }), version: index + 1, metadata });
    }
    return await answers((filter) => peerFinds(saver, filter));
  },

  async onCairn(saver) {
    let isFirst = true;
    return await answers(async (filter) => {
      const all = isFirst ? stored : [];
      isFirst = false;
      return await found(saver, all, filter);
    });
  },
};

async function peerFinds(saver: BaseCheckpointSaver, filter: Metadata): Promise<number[]> {
  const tuples = await listed(saver, 'a', { filter });
  return tuples.map(({ metadata }) => metadata?.step ?? 0).sort((a, b) => a - b);
}

async function answers(find: (filter: Metadata) => Promise<number[]>): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (const filter of filters) all[JSON.stringify(filter)] = await saysOf(() => find(filter));
  return all;
}
