/** How a thread is encoded: other formats, several in one thread, compression, limits, and classes that are not known. */
import {
  Checkpointer,
  type CheckpointerOptions,
  type CheckpointSaver,
  createCairnSerializer,
  registerClass,
  type Serializer,
} from '@cairn/checkpoint-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemorySaver } from '../src/index.js';
import { body } from './fixtures/delta-store.js';
import { jsonSerializer } from './fixtures/json-serializer.js';

const threadId = 't';
let saver: MemorySaver;

beforeEach(() => {
  saver = new MemorySaver();
});

function open(options: Omit<CheckpointerOptions, 'saver'> = {}): Checkpointer {
  return new Checkpointer({ saver, ...options });
}

async function values(checkpointer: Checkpointer): Promise<Record<string, unknown> | undefined> {
  return (await checkpointer.load({ threadId }))?.values;
}

async function records(from: CheckpointSaver = saver) {
  return (await from.get({ threadId, namespace: [] }))?.records ?? [];
}

/** The envelope's second byte: how the record is compressed. */
async function flags(): Promise<(number | undefined)[]> {
  return (await records()).map(({ bytes }) => bytes[1]);
}

async function formats(): Promise<string[]> {
  return (await records()).map(({ bytes }) => Buffer.from(bytes.subarray(4, 4 + (bytes[3] ?? 0))).toString());
}

const messages = (count: number) => Array.from({ length: count }, (_, i) => ({ role: 'user', text: `message ${i}` }));

describe('a thread in a format of the user', () => {
  it('is saved as differences, like any other', async () => {
    const checkpointer = open({ serializer: jsonSerializer });
    for (let count = 100; count < 140; count += 1) {
      await checkpointer.save({ threadId, values: { messages: messages(count), total: count }, metadata: { count } });
    }
    expect(await values(checkpointer)).toEqual({ messages: messages(139), total: 139 });
    expect(new Set(await formats())).toEqual(new Set(['plain-json']));
    const [first, ...others] = (await records()).filter(({ channel }) => channel === 'messages');
    expect(others.length).toBeGreaterThan(0);
    for (const { bytes } of others) expect(bytes.length).toBeLessThan((first?.bytes.length ?? 0) / 2);
  });

  it('is refused what the format refuses, by channel and path, and stays as it was', async () => {
    const checkpointer = open({ serializer: jsonSerializer });
    await checkpointer.save({ threadId, values: { messages: messages(3) } });
    await expect(checkpointer.save({ threadId, values: { messages: [{ at: new Date() }] } })).rejects.toMatchObject({
      code: 'CAIRN_UNSERIALIZABLE_VALUE',
      channel: 'messages',
      path: 'messages[0].at',
    });
    expect(await values(checkpointer)).toEqual({ messages: messages(3) });
  });

  it('goes on in another format, and back, and each record is read by its own', async () => {
    await open().save({ threadId, values: { messages: messages(100), at: new Date(5) } });
    const json = open({ serializer: jsonSerializer });
    const head = await json.read({ threadId, namespace: [] });
    const next = { threadId, base: head, body, status: 'completed' } as const;
    await json.commit({ ...next, changes: { messages: messages(101) } });
    expect(new Set(await formats())).toEqual(new Set(['cairn-1', 'plain-json']));
    expect(await values(json)).toEqual({ messages: messages(101), at: new Date(5) });

    const back = open({ alsoRead: [jsonSerializer] });
    await back.save({ threadId, values: { messages: messages(102), at: new Date(5) } });
    expect(await values(back)).toEqual({ messages: messages(102), at: new Date(5) });
  });

  it('takes a difference to a value that only the format before could hold whole', async () => {
    const dates = Array.from({ length: 50 }, (_, i) => ({ at: new Date(i), text: `message ${i}` }));
    await open().save({ threadId, values: { log: dates } });
    const json = open({ serializer: jsonSerializer });
    let base = await json.read({ threadId, namespace: [] });
    const log: unknown[] = [...((base?.values['log'] as unknown[]) ?? [])];
    for (let i = 0; i < 200; i += 1) {
      log.push({ text: `plain ${i}` });
      base = await json.commit({ threadId, base, body, status: 'completed', changes: { log: [...log] } });
    }
    expect((await values(json))?.['log']).toEqual([...dates, ...log.slice(50)]);
    await json.commit({ threadId, base, body, status: 'completed', changes: { log: { plain: true } } });
    expect(await values(json)).toEqual({ log: { plain: true } });
  });

  it('is not read without the serializer, and the error says which', async () => {
    await open({ serializer: jsonSerializer }).save({ threadId, values: { total: 1 } });
    await expect(values(open())).rejects.toMatchObject({
      code: 'CAIRN_UNKNOWN_FORMAT',
      serializerId: 'plain-json',
      threadId,
      message: expect.stringMatching(/in the format "plain-json", and this Checkpointer reads only "cairn-1"/),
    });
    expect(await values(open({ alsoRead: [jsonSerializer] }))).toEqual({ total: 1 });
  });
});

describe('a serializer that does not keep its promises', () => {
  const with_ = (part: Partial<Serializer>): Checkpointer => open({ serializer: { ...jsonSerializer, ...part } });

  it('has what it throws turned into a typed error', async () => {
    const throws = with_({ encode: () => JSON.stringify(1n) as never });
    await expect(throws.save({ threadId, values: { total: 1 } })).rejects.toMatchObject({
      code: 'CAIRN_UNSERIALIZABLE_VALUE',
      path: 'total',
      message: expect.stringMatching(/the serializer "plain-json" threw TypeError/),
    });
    await open({ serializer: jsonSerializer }).save({ threadId, values: { total: 1 } });
    const reads = with_({ decode: () => JSON.parse('{') as unknown });
    await expect(values(reads)).rejects.toMatchObject({ code: 'CAIRN_CORRUPT_CHECKPOINT', threadId });
  });

  it('has an error that only looks like ours taken for what it says', async () => {
    const refusal = Object.assign(new Error('no'), { code: 'CAIRN_UNSERIALIZABLE_VALUE', path: 'a.b' });
    const alike = with_({
      encode: () => {
        throw refusal;
      },
    });
    await expect(alike.save({ threadId, values: { total: 1 } })).rejects.toMatchObject({ path: 'total.a.b' });
  });

  it('may write its next bytes into the buffer of the last: nothing is stored of the next', async () => {
    const buffer = new Uint8Array(1_000);
    const reusing = with_({
      encode: (value) => {
        const bytes = jsonSerializer.encode(value);
        buffer.set(bytes);
        return buffer.subarray(0, bytes.length);
      },
    });
    await reusing.save({ threadId, values: { a: 'first', b: 'other' } });
    expect(await values(reusing)).toEqual({ a: 'first', b: 'other' });
  });

  it('is refused when it gives no bytes, or has no id', async () => {
    const text = with_({ encode: () => 'text' as never });
    await expect(text.save({ threadId, values: { total: 1 } })).rejects.toMatchObject({
      code: 'CAIRN_INVALID_ARGUMENT',
    });
    expect(() => with_({ id: '' })).toThrow(/serializer's id/);
    expect(() => open({ serializer: jsonSerializer, alsoRead: [jsonSerializer] })).toThrow(/Two serializers/);
  });
});

describe('compression', () => {
  const large = { messages: messages(1_000), small: [1] };

  it('is off unless asked for', async () => {
    await open().save({ threadId, values: large });
    expect(await flags()).toEqual([0, 0]);
  });

  it('stores large records compressed and small ones plain, each readable whatever is set', async () => {
    await open({ compression: true }).save({ threadId, values: large });
    expect(await flags()).toEqual([1, 0]);
    const deflate = open({ compression: { method: 'deflate', thresholdBytes: 1_000 } });
    const more = { ...large, more: messages(500) };
    await deflate.save({ threadId, values: more });
    expect((await flags()).toSorted()).toEqual([0, 1, 2]);
    for (const reader of [open(), open({ compression: true }), deflate]) expect(await values(reader)).toEqual(more);
    const { seq } = await open().save({ threadId, values: more });
    expect((await open().read({ threadId, namespace: [] }))?.versions).toEqual(
      new Map([
        ['messages', 1],
        ['more', 2],
        ['small', 1],
      ]),
    );
    expect(seq).toBe(3);
  });

  it('makes what is stored smaller, differences and pending writes too', async () => {
    const weigh = async (compression: boolean): Promise<number> => {
      const store = new MemorySaver();
      const checkpointer = new Checkpointer({ saver: store, compression });
      const base = await checkpointer.commit({ threadId, base: undefined, body, status: 'running', changes: large });
      await checkpointer.record({ base, taskId: 'a', writes: [{ key: 'update/0', value: messages(1_000) }] });
      const changes = { messages: [...messages(1_000), ...messages(1_000)] };
      const next = await checkpointer.commit({ threadId, base, body, status: 'running', changes });
      await checkpointer.record({ base: next, taskId: 'a', writes: [{ key: 'update/0', value: messages(1_000) }] });
      let bytes = 0;
      for await (const row of store.scan(threadId)) bytes += 'bytes' in row ? row.bytes.length : 0;
      const { values: read, writes } = (await checkpointer.read({ threadId, namespace: [] })) ?? {};
      expect(read).toEqual({ ...large, ...changes });
      expect(writes?.[0]?.value).toEqual(messages(1_000));
      return bytes;
    };
    expect(await weigh(true)).toBeLessThan((await weigh(false)) / 3);
  });
});

describe('limits', () => {
  it('refuse what is larger or deeper, by channel and path', async () => {
    const checkpointer = open({ limits: { maxBytes: 1_000, maxDepth: 3 } });
    await expect(checkpointer.save({ threadId, values: { text: 'x'.repeat(1_001) } })).rejects.toMatchObject({
      code: 'CAIRN_UNSERIALIZABLE_VALUE',
      path: 'text',
      message: expect.stringMatching(/larger than 1000 bytes/),
    });
    await expect(checkpointer.save({ threadId, values: { deep: [[[[1]]]] } })).rejects.toMatchObject({
      path: 'deep[0][0][0]',
      message: expect.stringMatching(/more than 3 levels/),
    });
    await expect(
      open({ serializer: jsonSerializer, limits: { maxBytes: 1_000 } }).save({
        threadId,
        values: { text: 'x'.repeat(999) },
      }),
    ).rejects.toMatchObject({ path: 'text', message: expect.stringMatching(/1001 bytes large/) });
    expect(await values(open())).toBeUndefined();
  });

  it('bound what is read, expansion included', async () => {
    await open({ compression: true }).save({ threadId, values: { text: 'x'.repeat(50_000) } });
    await expect(values(open({ limits: { maxBytes: 10_000 } }))).rejects.toMatchObject({
      code: 'CAIRN_CORRUPT_CHECKPOINT',
      message: expect.stringMatching(/limits\.maxBytes is 10000/),
    });
    await open().save({ threadId, values: { deep: [[[[1]]]] } });
    await expect(values(open({ limits: { maxDepth: 3 } }))).rejects.toMatchObject({
      code: 'CAIRN_CORRUPT_CHECKPOINT',
      message: expect.stringMatching(/more than 3 levels/),
    });
  });

  it('must be whole numbers, and go to the Cairn serializer where one is given', () => {
    expect(() => open({ limits: { maxBytes: 0 } })).toThrow(/limits\.maxBytes must be a whole number from 1/);
    expect(() => open({ limits: { maxDepth: 1_001 } })).toThrow(/maxDepth must be a whole number from 1 to 1000/);
    expect(() => open({ serializer: createCairnSerializer(), classes: [] })).toThrow(/createCairnSerializer/);
    expect(() => open({ alsoRead: [createCairnSerializer()], limits: { maxDepth: 5 } })).toThrow(/createCairnSer/);
  });
});

describe('registered classes', () => {
  class Money {
    readonly cents: number;
    readonly currency: string;
    constructor(cents: number, currency: string) {
      this.cents = cents;
      this.currency = currency;
    }
  }
  const money = registerClass({
    name: 'money',
    class: Money,
    toData: ({ cents, currency }) => ({ cents, currency }),
    // The first version stored the cents alone.
    fromData: (data) => {
      if (typeof data === 'number') return new Money(data, 'EUR');
      const { cents, currency } = data as Money;
      return new Money(cents, currency);
    },
  });
  const firstVersion = registerClass({ ...money, toData: ({ cents }) => cents });

  it('are named, with channel and thread, when they are not known where they are read', async () => {
    await open({ classes: [money] }).save({ threadId, values: { prices: [{ net: new Money(5, 'USD') }] } });
    await expect(values(open())).rejects.toMatchObject({
      code: 'CAIRN_UNKNOWN_CLASS',
      className: 'money',
      threadId,
      retryable: false,
      message: expect.stringMatching(/^The channel "prices" at seq 1 of thread "t" holds .* stored as "money"/),
    });
    expect(await values(open({ classes: [money] }))).toEqual({ prices: [{ net: new Money(5, 'USD') }] });
  });

  it('read what an older version of theirs stored', async () => {
    await open({ classes: [firstVersion] }).save({ threadId, values: { price: new Money(5, 'EUR') } });
    const newer = open({ classes: [money] });
    expect(await values(newer)).toEqual({ price: new Money(5, 'EUR') });
    await newer.save({ threadId, values: { price: new Money(7, 'USD') } });
    expect(await values(newer)).toEqual({ price: new Money(7, 'USD') });
  });
});
