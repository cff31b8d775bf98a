/** Values through the saver: core's `Checkpointer` on top of it keeps every value, refuses the rest, and stores only changes. */

import assert from 'node:assert/strict';
import { Checkpointer, type EncodingOptions } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { collect, listedSeqs, listedThreads, mustGet, readThread } from '../fixtures/reads.js';
import { refusedValues, type SampleValue, sampleValues } from '../fixtures/values.js';

export const checkpointerCases = checkpointerCasesWith({});

/** The same cases on Checkpointers with further options: what they keep must hold with each. */
export function checkpointerCasesWith(options: EncodingOptions): readonly ConformanceCase[] {
  return [
    ...sampleValues.map((sample) => valueCase(sample, options)),
    {
      id: 'values/save-all-at-once',
      states: 'A state that holds every kind of value comes back equal, channel by channel, through every instance.',
      async run({ saver, openOther, clock, threadId }) {
        const id = threadId();
        const values = Object.fromEntries(sampleValues.map(({ name, make }) => [name, make()]));
        await new Checkpointer({ saver, clock, ...options }).save({ threadId: id, values });
        const loaded = await new Checkpointer({ saver: await openOther(), clock, ...options }).load({ threadId: id });
        assertSame(loaded?.values, values);
      },
    },
    {
      id: 'values/save-hostile-channels',
      states: 'Channels named __proto__, constructor or * are channels like any other.',
      async run({ saver, clock, threadId }) {
        const id = threadId();
        const checkpointer = new Checkpointer({ saver, clock, ...options });
        const values = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "*": 3, " ": 4}') as Record<
          string,
          unknown
        >;
        await checkpointer.save({ threadId: id, values });
        const loaded = await checkpointer.load({ threadId: id });
        assertSame(Object.keys(loaded?.values ?? {}).sort(), Object.keys(values).sort());
        for (const [channel, value] of Object.entries(values)) {
          assertSame(Object.getOwnPropertyDescriptor(loaded?.values, channel)?.value, value, channel);
        }
      },
    },
    {
      id: 'values/record-every-kind',
      states: 'Pending writes keep every kind of value too.',
      async run({ saver, openOther, clock, threadId }) {
        const id = threadId();
        const checkpointer = new Checkpointer({ saver, clock, ...options });
        await checkpointer.save({ threadId: id, values: { a: 1 } });
        const base = await checkpointer.read({ threadId: id, namespace: [] });
        assert.ok(base);
        const writes = sampleValues.map(({ name, make }) => ({ key: `step/${name}`, value: make() }));
        await checkpointer.record({ base, taskId: 'a', writes });
        const read = await new Checkpointer({ saver: await openOther(), clock, ...options }).read({
          threadId: id,
          namespace: [],
        });
        const stored = new Map(read?.writes.map(({ key, value }) => [key, value]));
        for (const { key, value } of writes) assertSame(stored.get(key), value, key);
        assert.equal(stored.size, writes.length);
      },
    },
    {
      id: 'values/save-refuses-with-path',
      states:
        "What can't be kept is refused with its channel and path before anything is stored: the thread stays absent.",
      async run({ saver, clock, threadId }) {
        const checkpointer = new Checkpointer({ saver, clock, ...options });
        for (const { name, value } of refusedValues) {
          const id = threadId();
          const values = { fine: 1, messages: [0, 1, 2, { meta: { fn: value } }] };
          const error = await rejectsWith(
            () => checkpointer.save({ threadId: id, values }),
            'CAIRN_UNSERIALIZABLE_VALUE',
          );
          assert.equal('path' in error && error.path, 'messages[3].meta.fn', name);
          assert.ok(error.message.includes('messages[3].meta.fn'), name);
          assert.equal(await checkpointer.load({ threadId: id }), undefined);
        }
        assertSame(await listedThreads(saver), []);
      },
    },
    {
      id: 'values/save-refused-leaves-thread',
      states: 'A refused save leaves a thread that exists exactly as it was.',
      async run({ saver, clock, threadId }) {
        const id = threadId();
        const checkpointer = new Checkpointer({ saver, clock, ...options });
        await checkpointer.save({ threadId: id, values: { messages: ['a'], total: 1 } });
        const before = await readThread(saver, id);
        const values = { messages: ['a', { meta: { fn: () => 1 } }], total: 2 };
        await rejectsWith(() => checkpointer.save({ threadId: id, values }), 'CAIRN_UNSERIALIZABLE_VALUE');
        assertSame(await readThread(saver, id), before);
      },
    },
    {
      id: 'values/save-stores-only-changes',
      states:
        'A channel that did not change keeps its record: a save stores those that did, the short ones in the header.',
      async run({ saver, clock, threadId }) {
        const id = threadId();
        const checkpointer = new Checkpointer({ saver, clock, ...options });
        for (const state of [1, 2]) {
          await checkpointer.save({ threadId: id, values: { large: 'x'.repeat(10_000), notes: [state], state } });
        }
        const { header } = await mustGet(saver, { threadId: id, namespace: [] });
        assertSame(header.channels, [
          { channel: 'large', seq: 1 },
          { channel: 'notes', seq: 2 },
        ]);
      },
    },
    {
      id: 'values/history-and-forks',
      states: 'Each checkpoint of a thread loads the state it was saved with, on both sides of a fork.',
      async run({ saver, openOther, clock, threadId }) {
        const id = threadId();
        const checkpointer = new Checkpointer({ saver, clock, ...options });
        const states: Record<string, unknown>[] = [];
        const ids: string[] = [];
        for (let step = 1; step <= 5; step += 1) {
          const values = { messages: Array.from({ length: step }, (_, index) => `m${index}`), total: step };
          states.push(values);
          ids.push((await checkpointer.save({ threadId: id, values })).checkpointId);
        }
        const branch = { messages: ['m0', 'm1', 'other'], total: -1 };
        const parentId = ids[1] as string;
        states.push(branch);
        ids.push((await checkpointer.save({ threadId: id, values: branch, parentId, fork: true })).checkpointId);

        const reader = new Checkpointer({ saver: await openOther(), clock, ...options });
        for (const [index, checkpointId] of ids.entries()) {
          assertSame((await reader.load({ threadId: id, checkpointId }))?.values, states[index]);
        }
        const history = await collect(reader.history({ threadId: id }));
        assertSame(
          history.map(({ values }) => values),
          states.toReversed(),
        );
        assertSame(
          history.map(({ seq }) => seq),
          [6, 5, 4, 3, 2, 1],
        );
        assert.equal(history[0]?.parentId, parentId);
      },
    },
    {
      id: 'values/metadata-filter-is-exact',
      states: 'Metadata is matched by whole pairs, whatever characters its keys and values have.',
      async run({ saver, clock, threadId }) {
        const id = threadId();
        const checkpointer = new Checkpointer({ saver, clock, ...options });
        const metadata = [
          { user: 'u1' },
          { 'a.b': 1 },
          { a: { b: 1 } },
          { "it's": '%' },
          { user: 'u10', 'a.b': 1 },
          { n: null },
        ];
        for (const each of metadata) await checkpointer.save({ threadId: id, values: { total: 1 }, metadata: each });
        const find = async (filter: (typeof metadata)[number]): Promise<number[]> =>
          (await collect(checkpointer.history({ threadId: id, filter }))).map(({ seq }) => seq);
        assertSame(await find({ user: 'u1' }), [1]);
        assertSame(await find({ 'a.b': 1 }), [5, 2]);
        assertSame(await find({ a: { b: 1 } }), [3]);
        assertSame(await find({ "it's": '%' }), [4]);
        assertSame(await find({ user: 'u10', 'a.b': 1 }), [5]);
        assertSame(await find({ n: null }), [6]);
        assertSame(await find({ user: '%' }), []);
      },
    },
    {
      id: 'values/copy-loads',
      states: 'A copied thread loads, is saved to, and goes its own way.',
      async run({ saver, clock, threadId }) {
        const [from, to] = [threadId(), threadId()];
        const checkpointer = new Checkpointer({ saver, clock, ...options });
        const state = { messages: [new Date(5)], total: 1n };
        await checkpointer.save({ threadId: from, values: state });
        await checkpointer.copyThread(from, to);
        assertSame((await checkpointer.load({ threadId: to }))?.values, state);
        await checkpointer.save({ threadId: to, values: { ...state, total: 2n } });
        assertSame((await checkpointer.load({ threadId: to }))?.values, { ...state, total: 2n });
        assertSame((await checkpointer.load({ threadId: from }))?.values, state);
        await checkpointer.deleteThread(from);
        assert.equal(await checkpointer.load({ threadId: from }), undefined);
        assertSame(await listedSeqs(saver, { threadId: to, namespace: [], order: 'asc' }), [1, 2]);
        await checkpointer.save({ threadId: to, namespace: ['child'], values: state });
        assertSame((await checkpointer.load({ threadId: to, namespace: ['child'] }))?.values, state);
      },
    },
    {
      id: 'values/save-conflict',
      states: 'Two saves made from one checkpoint: the second is a conflict, never an overwrite.',
      async run({ saver, openOther, clock, threadId }) {
        const id = threadId();
        const mine = new Checkpointer({ saver, clock, ...options });
        const theirs = new Checkpointer({ saver: await openOther(), clock, ...options });
        const { checkpointId: parentId } = await mine.save({ threadId: id, values: { total: 1 } });
        await mine.save({ threadId: id, values: { total: 2 }, parentId });
        await rejectsWith(
          () => theirs.save({ threadId: id, values: { total: 3 }, parentId }),
          'CAIRN_CHECKPOINT_CONFLICT',
        );
        assertSame((await theirs.load({ threadId: id }))?.values, { total: 2 });
      },
    },
  ];
}

function valueCase({ name, make, check }: SampleValue, options: EncodingOptions): ConformanceCase {
  return {
    id: `values/save-${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`,
    states: `Values come back equal: ${name}.`,
    async run({ saver, openOther, clock, threadId }) {
      const id = threadId();
      await new Checkpointer({ saver, clock, ...options }).save({
        threadId: id,
        values: { value: make(), nested: { value: [make()] } },
      });
      const loaded = await new Checkpointer({ saver: await openOther(), clock, ...options }).load({ threadId: id });
      assertSame(loaded?.values, { value: make(), nested: { value: [make()] } });
      check?.(loaded?.values['value'] as never);
    },
  };
}
