/** What TypeScript accepts as migrations; each refused line has its reason. */
import { defineState, list, value } from '@cairn/graph-runtime';
import { it } from 'vitest';

const channels = { log: list<string>(), total: value(0) };

it('migrations are functions, or objects with one, by version', () => {
  defineState({
    name: 'desk',
    version: 3,
    channels,
    migrations: {
      2: (old) => ({ ...old, total: 0 }),
      3: {
        state: ({ gone, ...kept }) => ({ ...kept, log: [String(gone)] }),
        update: (old, { kind, node }) => (kind === 'send' ? { ...old, node } : old),
        renamedNodes: { review: 'approve' },
      },
    },
  });
});

it('what is no migration does not compile', () => {
  defineState({
    name: 'desk',
    version: 2,
    channels,
    // @ts-expect-error a migration returns values by channel
    migrations: { 2: () => 1 },
  });
  defineState({
    name: 'desk',
    version: 2,
    channels,
    // @ts-expect-error an old value's type is not known: it has to be looked at
    migrations: { 2: (old) => ({ ...old, total: old.total + 1 }) },
  });
  defineState({
    name: 'desk',
    version: 2,
    channels,
    // @ts-expect-error an object needs what becomes of the state
    migrations: { 2: { renamedNodes: { review: 'approve' } } },
  });
  defineState({
    name: 'desk',
    version: 2,
    channels,
    // @ts-expect-error a name is a text
    migrations: { 2: { state: (old) => old, renamedNodes: { review: 1 } } },
  });
});
