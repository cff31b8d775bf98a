/** `save` from what is remembered: the outcome is that of a save that reads first, whoever else writes; and it reads less. */
import { Checkpointer, type CheckpointSaver, hasCode, SaverUnavailableError } from '@cairn/checkpoint-core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemorySaver } from '../src/index.js';
import { bytesOf } from './fixtures/delta-store.js';
import { anyValue } from './fixtures/edits.js';
import { anyMutation, type Mutation, mutate } from './fixtures/mutations.js';

/** A store whose calls are counted, and whose next `put` may fail before or after it has stored the commit. */
class WatchedStore {
  readonly saver = new MemorySaver();
  readonly calls: string[] = [];
  readonly stored: string[] = [];
  failing: 'before' | 'after' | undefined;

  open(remember?: 0): Checkpointer {
    const watched = new Proxy<CheckpointSaver>(this.saver, {
      get: (target, key) => {
        const method: unknown = Reflect.get(target, key);
        if (typeof method !== 'function') return method;
        return key === 'put' ? this.#put : this.#noted(String(key), method.bind(target));
      },
    });
    return new Checkpointer({ saver: watched, ...(remember === 0 && { remember }) });
  }

  /** The calls since the last time this was asked. */
  taken(): string[] {
    return this.calls.splice(0);
  }

  readonly #put: CheckpointSaver['put'] = async (commit) => {
    this.calls.push('put');
    const { failing } = this;
    this.failing = undefined;
    if (failing === 'before') throw new SaverUnavailableError('no', { retryable: true });
    await this.saver.put(commit);
    this.stored.push(commit.checkpointId);
    if (failing === 'after') throw new SaverUnavailableError('stored, and nobody knows', { retryable: true });
  };

  #noted(name: string, method: (...given: unknown[]) => unknown): (...given: unknown[]) => unknown {
    return (...given) => {
      this.calls.push(name);
      return method(...given);
    };
  }
}

let store: WatchedStore;
let checkpointer: Checkpointer;
const t = { threadId: 't' };

beforeEach(() => {
  store = new WatchedStore();
  checkpointer = store.open();
});

describe('a save to a thread that was saved to last', () => {
  it('is one call of the saver, in each namespace', async () => {
    const streams = [t, { ...t, namespace: ['n'] }, { ...t, namespace: ['n', 'm'] }, { threadId: 'u' }];
    for (const stream of streams) await checkpointer.save({ ...stream, values: { n: 0 } });
    store.taken();
    for (const n of [1, 2]) {
      for (const [i, stream] of streams.entries()) {
        const { seq } = await checkpointer.save({ ...stream, values: { n: n * 10 + i } });
        expect(seq).toBe(n + 1);
      }
    }
    expect(store.taken()).toEqual(Array(8).fill('put'));
    for (const [i, stream] of streams.entries())
      expect((await checkpointer.load(stream))?.values).toEqual({ n: 20 + i });
  });

  it('reads again after another writer, once', async () => {
    const other = store.open();
    await checkpointer.save({ ...t, values: { n: 1 } });
    await other.save({ ...t, values: { n: 2 } });
    store.taken();
    await checkpointer.save({ ...t, values: { n: 3 } });
    expect(store.taken()).toEqual(['put', 'get', 'put']);
    await checkpointer.save({ ...t, values: { n: 4 } });
    expect(store.taken()).toEqual(['put']);
  });

  it('reads again after a put that failed, stored or not', async () => {
    await checkpointer.save({ ...t, values: { n: 1 } });
    for (const failing of ['before', 'after'] as const) {
      store.failing = failing;
      await expect(checkpointer.save({ ...t, values: { n: failing } })).rejects.toThrow(SaverUnavailableError);
      store.taken();
      const { seq } = await checkpointer.save({ ...t, values: { n: 2 } });
      expect(seq).toBe(failing === 'before' ? 2 : 4);
      expect(store.taken()).toEqual(['get', 'put']);
    }
  });

  it('reads again once its thread was deleted or copied over', async () => {
    await checkpointer.save({ ...t, values: { n: 1 } });
    await checkpointer.save({ threadId: 'u', values: { n: 5 } });
    await checkpointer.deleteThread('t');
    await checkpointer.copyThread('u', 't');
    store.taken();
    const { seq } = await checkpointer.save({ ...t, values: { n: 6 } });
    expect([seq, ...store.taken()]).toEqual([2, 'get', 'put']);
    expect((await store.saver.get({ ...t, namespace: [] }))?.header.origin).toBe('u');
  });

  it('always reads with `remember: 0`, and where a bound is exceeded', async () => {
    const forgetful = store.open(0);
    for (const n of [1, 2]) await forgetful.save({ ...t, values: { n } });
    expect(store.taken().filter((call) => call === 'get')).toHaveLength(2);
    const small = new Checkpointer({ saver: store.saver, remember: { bytes: 100 } });
    const few = new Checkpointer({ saver: store.saver, remember: { streams: 1 } });
    const read = store.saver.get.bind(store.saver);
    let reads = 0;
    store.saver.get = (address) => {
      reads += 1;
      return read(address);
    };
    for (const n of [1, 2, 3]) await small.save({ ...t, values: { n, text: 'x'.repeat(200) } });
    expect(reads).toBe(3);
    for (const n of [1, 2]) for (const threadId of ['a', 'b']) await few.save({ threadId, values: { n } });
    expect(reads).toBe(7);
    for (const n of [3, 4]) await few.save({ threadId: 'b', values: { n } });
    expect(reads).toBe(7);
  });

  it('refuses bounds that are none', () => {
    for (const remember of [{ streams: -1 }, { bytes: Number.NaN }]) {
      expect(() => new Checkpointer({ saver: store.saver, remember })).toThrow(/from 0 up/);
    }
  });

  it('leaves the state its owner’s: neither frozen nor followed', async () => {
    const values = { list: [{ n: 1, at: new Date(1) }], map: { a: [1] } };
    for (let i = 0; i < 3; i += 1) {
      await checkpointer.save({ ...t, values });
      values.list.push({ n: i, at: new Date(i) });
      values.map.a.push(i);
      values.list[0]?.at.setTime(10 + i);
    }
    const saved = checkpointer.save({ ...t, values });
    const expected = structuredClone(values);
    values.list.length = 0;
    values.map.a[0] = 99;
    await saved;
    expect((await checkpointer.load(t))?.values).toEqual(expected);
  });

  it('keeps a state given in other objects, with parts at two places, -0, and a new order of keys', async () => {
    const shared = { n: 1 };
    const states: Record<string, unknown>[] = [
      { x: [shared, { n: 1 }], y: 0, z: { a: 1, b: 2 } },
      { x: [shared, shared], y: -0, z: { b: 2, a: 1 } },
      { x: [{ n: 1 }, { n: 1 }], y: 0, z: { b: 2, a: undefined } },
      { x: [{ n: 1 }, shared, shared], y: Number.NaN, z: { b: 2 } },
    ];
    for (const values of [...states, ...states]) {
      await checkpointer.save({ ...t, values });
      expect(bytesOf((await checkpointer.load(t))?.values)).toBe(bytesOf(values));
    }
  });

  it('refuses what is put into it later and can’t be kept, with its path', async () => {
    const messages: unknown[] = [{ role: 'user' }, { role: 'tool' }];
    for (let i = 0; i < 3; i += 1) await checkpointer.save({ ...t, values: { messages } });
    messages.push({ meta: { fn: () => 1 } });
    await expect(checkpointer.save({ ...t, values: { messages } })).rejects.toMatchObject({
      path: 'messages[2].meta.fn',
    });
    messages.pop();
    Object.assign(messages[1] as object, { [Symbol('s')]: 1, n: 1 });
    await expect(checkpointer.save({ ...t, values: { messages } })).rejects.toMatchObject({
      code: 'CAIRN_UNSERIALIZABLE_VALUE',
    });
  });
});

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
        store = new WatchedStore();
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
