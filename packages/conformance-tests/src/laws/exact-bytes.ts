/** Bytes come back as they went in (law 10): every value, none at all, a lot, and views into larger buffers. */
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { writesOf } from '../fixtures/commits.js';
import { assertStream } from '../fixtures/expected-stream.js';

const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);

export const exactByteCases: readonly ConformanceCase[] = [
  {
    id: 'law-10/put-every-byte',
    states: 'All 256 byte values, in any order, come back as they were stored, in headers, records and writes.',
    async run({ saver, first, batch, write, random }) {
      const samples = [
        everyByte,
        everyByte.toReversed(),
        ...text('\0', 'a\0b', '\u{1faa8}', '%_\\\'"', '\r\n', '\ufeff'),
      ];
      samples.push(Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0x80), random.bytes(1_000));
      for (const bytes of samples) {
        const one = first({ bytes, changes: [{ channel: 'messages', bytes }] });
        await saver.put(one);
        const written = batch(one, { writes: [write('update/0', bytes)] });
        await saver.putWrites(written);
        await assertStream(saver, { commits: [one], writes: new Map([[one.checkpointId, writesOf(written)]]) });
      }
    },
  },
  {
    id: 'law-10/put-no-bytes',
    states: 'Empty bytes are stored and come back empty: not missing, not null.',
    async run({ saver, first, next, batch, write }) {
      const bytes = new Uint8Array(0);
      const one = first({ bytes, changes: [{ channel: 'messages', bytes }] });
      const two = next(one, { bytes, changes: [{ channel: 'messages', bytes, restsOn: [1] }] });
      for (const commit of [one, two]) await saver.put(commit);
      const written = batch(two, { writes: [write('update/0', bytes)] });
      await saver.putWrites(written);
      await assertStream(saver, { commits: [one, two], writes: new Map([[two.checkpointId, writesOf(written)]]) });
    },
  },
  {
    id: 'law-10/put-large-bytes',
    states: 'Records, headers and writes of five megabytes come back whole, several to a commit.',
    async run({ saver, first, next, batch, write, random }) {
      const size = 5 * 1024 * 1024;
      const one = first({ changes: ['a', 'b'].map((channel) => ({ channel, bytes: random.bytes(size) })) });
      const two = next(one, { bytes: random.bytes(size), changes: [{ channel: 'c' }] });
      for (const commit of [one, two]) await saver.put(commit);
      const written = batch(two, { writes: [write('step/download', random.bytes(size))] });
      await saver.putWrites(written);
      await assertStream(saver, { commits: [one, two], writes: new Map([[two.checkpointId, writesOf(written)]]) });
    },
  },
  {
    id: 'law-10/put-views',
    states: 'A view into a larger buffer, Buffers included, is stored as the bytes it shows and no others.',
    async run({ saver, first, next, batch, write, random }) {
      const backing = random.bytes(64);
      const view = backing.subarray(8, 24);
      const pooled = Buffer.from('a text from the pool of small buffers');
      const one = first({
        bytes: view,
        changes: [
          { channel: 'view', bytes: view },
          { channel: 'pooled', bytes: pooled },
        ],
      });
      const two = next(one, {
        bytes: pooled.subarray(2, 6),
        changes: [{ channel: 'view', bytes: pooled.subarray(0, 0) }],
      });
      for (const commit of [one, two]) await saver.put(commit);
      const written = batch(two, { writes: [write('update/0', backing.subarray(40))] });
      await saver.putWrites(written);
      await assertStream(saver, { commits: [one, two], writes: new Map([[two.checkpointId, writesOf(written)]]) });
    },
  },
  {
    id: 'law-10/put-numbers',
    states: 'Times and seqs are whole numbers of up to 53 bits, and come back exactly.',
    async run({ saver, first, next }) {
      const commits: CheckpointCommit[] = [];
      for (const createdAt of [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, 4_102_444_800_000, 8.64e15]) {
        const head = commits.at(-1);
        commits.push(head === undefined ? first({ createdAt }) : next(head, { createdAt }));
        await saver.put(commits.at(-1) as CheckpointCommit);
      }
      await assertStream(saver, { commits });
    },
  },
];

function text(...texts: readonly string[]): Uint8Array[] {
  return texts.map((each) => new TextEncoder().encode(each));
}
