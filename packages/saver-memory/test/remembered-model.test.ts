/** Saves from remembered heads, by random writers of one store: the outcome is that of saves that read first. */
import { type Checkpointer, hasCode } from '@cairn/checkpoint-core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesOf } from './fixtures/delta-store.js';
import { anyValue } from './fixtures/edits.js';
import { anyMutation, type Mutation, mutate } from './fixtures/mutations.js';
import { WatchedStore } from './fixtures/watched-store.js';

const t = { threadId: 't' };

type Step = Mutation & {
  readonly who: number;
  readonly stream: number;
  readonly how: (typeof hows)[number];
  readonly back: number;
};

const hows = [
  'save',
  'save',
  'save',
  'save',
  'parent',
  'fork',
  'fail',
  'lost',
  'delete',
  'copy',
  'prune',
  'race',
] as const;

const anyStep: fc.Arbitrary<Step> = fc
  .tuple(anyMutation, fc.nat(2), fc.nat(3), fc.constantFrom(...hows), fc.nat(5))
  .map(([mutation, who, stream, how, back]) => ({ ...mutation, who, stream, how, back }));

interface Stream {
  readonly threadId: string;
  readonly namespace?: string[];
}

/** What a stream must hold: each checkpoint's state as it was live, in order; the last is the head. */
type Model = Map<string, { id: string; bytes: string; seq: number }[]>;

it('two Checkpointers and one that never remembers, each with states of its own, do what a plain model says', async () => {
  const streams: readonly Stream[] = [
    t,
    { ...t, namespace: ['n'] },
    { threadId: 'u' },
    { threadId: 'u', namespace: ['n'] },
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyValue, { minLength: 3, maxLength: 3 }),
      fc.array(anyStep, { maxLength: 40 }),
      async (first, steps) => {
        const store = new WatchedStore();
        const writers = [store.open(), store.open(), store.open(0)];
        const reader = store.open(0);
        const live = writers.map((_, i) => ({ x: [structuredClone(first[i])], n: i }));
        const model: Model = new Map();
        for (const step of steps) {
          const writer = writers[step.who] as Checkpointer;
          const values = live[step.who] as (typeof live)[number];
          const stream = streams[step.stream] as Stream;
          const key = JSON.stringify(stream);
          const known = model.get(key) ?? [];
          mutate(values.x, step);
          const bytes = bytesOf(values.x);
          const request = { ...stream, values };
          const parent = known.at(-1 - (step.back % Math.max(1, known.length)));
          const note = (id: string): void => {
            model.set(key, [...known, { id, bytes, seq: (known.at(-1)?.seq ?? 0) + 1 }]);
          };
          if (step.how === 'save') note((await writer.save(request)).checkpointId);
          else if (step.how === 'parent' && parent) {
            const saved = writer.save({ ...request, parentId: parent.id });
            if (parent === known.at(-1)) note((await saved).checkpointId);
            else await expect(saved).rejects.toMatchObject({ code: 'CAIRN_CHECKPOINT_CONFLICT' });
          } else if (step.how === 'fork' && parent) {
            const saved = await writer.save({ ...request, parentId: parent.id, fork: true });
            expect(saved.parentId).toBe(parent.id);
            note(saved.checkpointId);
          } else if (step.how === 'fail' || step.how === 'lost') {
            store.failing = step.how === 'fail' ? 'before' : 'after';
            const stored = store.stored.length;
            await expect(writer.save(request))
              .rejects.toMatchObject({ code: expect.any(String) })
              .catch(() => undefined);
            store.failing = undefined;
            const [id] = store.stored.slice(stored);
            if (id !== undefined) note(id);
          } else if (step.how === 'delete') {
            await (step.back > 2 ? writer : store.saver).deleteThread(stream.threadId);
            for (const each of streams) if (each.threadId === stream.threadId) model.delete(JSON.stringify(each));
          } else if (step.how === 'copy') {
            const [from, to] = stream.threadId === 't' ? (['t', 'u'] as const) : (['u', 't'] as const);
            await store.saver.deleteThread(to);
            for (const each of streams) if (each.threadId === to) model.delete(JSON.stringify(each));
            await writer.copyThread(from, to).catch((error: unknown) => {
              if (!hasCode(error, 'CAIRN_THREAD_NOT_FOUND')) throw error;
            });
            for (const namespace of [undefined, ['n']]) {
              const at = (threadId: string): string => JSON.stringify({ threadId, ...(namespace && { namespace }) });
              const source = model.get(at(from));
              if (source) model.set(at(to), [...source]);
            }
          } else if (step.how === 'prune' && parent && parent !== known.at(-1)) {
            await store.saver.prune({ threadId: stream.threadId, namespace: stream.namespace ?? [] }, [parent.id]);
            model.set(
              key,
              known.filter(({ id }) => id !== parent.id),
            );
          } else if (step.how === 'race') {
            const before = store.stored.length;
            const outcomes = await Promise.allSettled(writers.map((each) => each.save(request)));
            const won = store.stored.slice(before);
            expect(won.length).toBeGreaterThan(0);
            for (const outcome of outcomes) {
              if (outcome.status === 'fulfilled') expect(won).toContain(outcome.value.checkpointId);
              else expect(outcome.reason).toMatchObject({ code: 'CAIRN_CHECKPOINT_CONFLICT' });
            }
            const seq = known.at(-1)?.seq ?? 0;
            model.set(key, [...known, ...won.map((id, i) => ({ id, bytes, seq: seq + 1 + i }))]);
          }
          await expectSame(reader, model, stream);
        }
        for (const stream of streams) {
          for (const { id, bytes, seq } of model.get(JSON.stringify(stream)) ?? []) {
            const loaded = await reader.load({ ...stream, checkpointId: id });
            expect([loaded?.seq, bytesOf(loaded?.values.x)]).toEqual([seq, bytes]);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
}, 120_000);

async function expectSame(reader: Checkpointer, model: Model, stream: Stream): Promise<void> {
  const head = model.get(JSON.stringify(stream))?.at(-1);
  const loaded = await reader.load(stream);
  expect(loaded?.checkpointId).toBe(head?.id);
  if (head) expect(bytesOf(loaded?.values.x)).toBe(head.bytes);
}
