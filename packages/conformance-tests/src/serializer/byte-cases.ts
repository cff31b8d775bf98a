/** **Self-contained**, **safe** and **isolated**: what holds of the bytes. */
import assert from 'node:assert/strict';
import { hasCode, type Serializer } from '@cairn/checkpoint-core';
import { assertSame } from '../fixtures/assert-same.js';
import { describeError } from '../fixtures/outcomes.js';
import { thrownBy } from './round-trip.js';
import type { SerializerCase } from './serializer-case.js';

const mutations = 3_000;

export const byteCases: readonly SerializerCase[] = [
  {
    id: 'self-contained/any-order',
    states: 'Encodings are read in any order, any number of times.',
    run({ serializer, kept }) {
      const encodings = kept.map((value) => serializer.encode(value));
      for (const [back, bytes] of encodings.toReversed().entries()) {
        const value = kept[kept.length - 1 - back];
        assertSame(serializer.decode(bytes), value);
        assertSame(serializer.decode(bytes), value);
      }
    },
  },
  {
    id: 'self-contained/another-instance',
    states: 'An instance that has read and written nothing yet reads what another wrote, under the same id.',
    reopens: true,
    run({ serializer, kept, reopen }) {
      const encodings = kept.map((value) => serializer.encode(value));
      for (const [index, bytes] of encodings.entries()) {
        const other = reopen?.() ?? serializer;
        assert.equal(other.id, serializer.id);
        assertSame(other.decode(bytes), kept[index]);
      }
    },
  },
  {
    id: 'self-contained/id',
    states: 'The id is 1 to 64 printable ASCII characters.',
    run({ serializer: { id } }) {
      assert.match(id, /^[!-~]{1,64}$/);
    },
  },
  {
    id: 'safe/cut-short',
    states: 'An encoding that is cut short gives CorruptCheckpointError or a value, nothing else.',
    run({ serializer, kept }) {
      for (const value of kept) {
        const bytes = serializer.encode(value);
        const step = Math.ceil(bytes.length / 50);
        for (let end = 0; end < bytes.length; end += step) decodesOrRefuses(serializer, bytes.slice(0, end));
      }
    },
  },
  {
    id: 'safe/altered',
    states: 'An encoding with bytes changed, left out or put in gives CorruptCheckpointError or a value, nothing else.',
    run({ serializer, kept, random }) {
      const encodings = kept.map((value) => serializer.encode(value)).filter(({ length }) => length < 2_000);
      for (let run = 0; run < mutations; run += 1) {
        const bytes = [...random.pick(encodings)];
        for (let changes = 1 + random.below(3); changes > 0; changes -= 1) {
          const insert = Array.from({ length: random.below(3) }, () => random.below(256));
          bytes.splice(random.below(bytes.length + 1), random.below(3), ...insert);
        }
        decodesOrRefuses(serializer, Uint8Array.from(bytes));
      }
    },
  },
  {
    id: 'safe/random',
    states: 'Random bytes, none included, give CorruptCheckpointError or a value, nothing else.',
    run({ serializer, random }) {
      decodesOrRefuses(serializer, new Uint8Array(0));
      for (let run = 0; run < mutations; run += 1) {
        decodesOrRefuses(
          serializer,
          Uint8Array.from({ length: random.below(60) }, () => random.below(256)),
        );
      }
    },
  },
  {
    id: 'isolated/next-encoding',
    states: 'An encoding stays as it is when the next value is encoded, and when the value is changed.',
    run({ serializer }) {
      const value = { list: [1, 2, 3], text: 'a'.repeat(300) };
      const bytes = serializer.encode(value);
      const copy = bytes.slice();
      value.list.push(4);
      serializer.encode({ other: 'b'.repeat(400) });
      assertSame(bytes, copy);
    },
  },
  {
    id: 'isolated/bytes-changed',
    states: 'A value stays as it is when the bytes that it was read from are overwritten.',
    run({ serializer, kept }) {
      for (const value of kept) {
        const bytes = serializer.encode(value).slice();
        const back = serializer.decode(bytes);
        bytes.fill(0xff);
        assertSame(back, value);
      }
    },
  },
  {
    id: 'isolated/read-twice',
    states: 'Two values read from the same bytes share nothing: changing one leaves the other.',
    run({ serializer }) {
      const bytes = serializer.encode({ list: [{ a: 1 }] });
      const [first, second] = [serializer.decode(bytes), serializer.decode(bytes)] as { list: { a: number }[] }[];
      first?.list.push({ a: 2 });
      Object.assign(first?.list[0] ?? {}, { a: 9 });
      assertSame(second, { list: [{ a: 1 }] });
      assertSame(serializer.decode(bytes), { list: [{ a: 1 }] });
    },
  },
];

function decodesOrRefuses(serializer: Serializer, bytes: Uint8Array): void {
  const error = thrownBy(() => serializer.decode(bytes));
  assert.ok(
    error === undefined || hasCode(error, 'CAIRN_CORRUPT_CHECKPOINT'),
    `${Buffer.from(bytes).toString('hex')} must give a value or CorruptCheckpointError, not ${describeError(error)}`,
  );
  assert.equal(Reflect.has({}, 'polluted'), false, 'decoding must not reach Object.prototype');
}
