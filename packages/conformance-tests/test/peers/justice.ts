/** What all three savers do well: each said only because cases hold it over the bridge, or a scenario through their API. */
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import { listed, put, valuesOf } from './reproductions/peer-calls.js';

export interface Merit {
  readonly says: string;
  /** Cases that all three keep. */
  readonly cases?: readonly string[];
  /** True where the saver does it. */
  holds?(saver: BaseCheckpointSaver): Promise<boolean>;
}

export const merits: readonly Merit[] = [
  {
    says: 'A put is atomic: a reader that polls never sees half of one.',
    cases: ['law-1/put-never-half-visible'],
  },
  {
    says: 'Repeating a put, alone or twenty times at once, or a batch of writes, with the same content changes nothing.',
    cases: ['law-5/put-repeated', 'law-5/put-repeated-at-once', 'law-5/put-writes-partly-repeated'],
  },
  {
    says: 'Listings are ordered newest first, whatever clocks do, hold every branch, and neither skip nor repeat while others write.',
    cases: [
      'law-9/list-newest-first',
      'law-9/list-ignores-clocks',
      'law-9/list-all-branches',
      'law-9/list-pages-newest-first-under-writes',
    ],
  },
  {
    says: 'Namespaces are compared whole, whatever characters they have, and streams never meet.',
    cases: ['law-7/put-hostile-namespaces', 'law-2/put-streams-count-apart'],
  },
  {
    says: 'All 256 byte values come back from a channel.',
    cases: ['law-10/put-every-byte'],
  },
  {
    says: 'Deleting a thread touches no other: `a` leaves `a:b`, and `*` and `%` are names like any other.',
    async holds(saver) {
      const neighbours = ['a:b', 'aa', 'A'];
      for (const id of [...neighbours, 'a', '*']) await put(saver, id, { total: 1 });
      for (const id of ['a', '*', '%']) await saver.deleteThread(id);
      const left = await Promise.all(neighbours.map((id) => listed(saver, id)));
      return left.every(({ length }) => length === 1) && (await listed(saver, 'a')).length === 0;
    },
  },
  {
    says: 'What is read is the reader’s own copy, and what was stored does not change with the objects that were handed in.',
    async holds(saver) {
      const messages = ['hello'];
      await put(saver, 'a', { messages });
      messages.push('later');
      ((await valuesOf(saver, 'a'))['messages'] as string[]).push('by a reader');
      return ((await valuesOf(saver, 'a'))['messages'] as string[]).length === 1;
    },
  },
];
