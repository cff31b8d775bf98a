import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type CompressionMethod, Compressor, expand } from '../../src/encoding/compression.js';
import { open, seal } from '../../src/encoding/seal.js';
import { CorruptCheckpointError, FutureFormatError } from '../../src/errors/encoding-errors.js';
import { InvalidArgumentError } from '../../src/errors/storage-errors.js';
import { drawFrom } from '../fixtures/fuzz.js';
import { withChecksum } from '../fixtures/with-checksum.js';

const what = () => 'channel "messages" at seq 3 of thread "t"';
const methods: readonly CompressionMethod[] = ['zstd', 'deflate'];
const numbers = { zstd: 1, deflate: 2 } as const;

function text(size: number): Buffer {
  const sentences = Array.from({ length: Math.ceil(size / 8) }, (_, i) => `the ${i % 977}th of ${i}, `);
  return Buffer.from(sentences.join('')).subarray(0, size);
}

function noise(size: number): Uint8Array {
  const draw = drawFrom(7);
  return Uint8Array.from({ length: size }, () => draw(256));
}

/** A record whose checksum is right, with this compressed content. */
function forged(method: number, size: number, length: number, content: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(size, 0);
  header.writeUInt32LE(length, 4);
  return withChecksum('address', [0xc1, method, 1, 7, ...Buffer.from('cairn-1'), ...header, ...content]);
}

function refusal(record: Uint8Array, maxBytes?: number): string {
  try {
    open(record, 'address', what, {}, maxBytes);
  } catch (error) {
    if (error instanceof CorruptCheckpointError || error instanceof FutureFormatError) return error.message;
    throw error;
  }
  throw new Error('opened');
}

describe('a compressed record', () => {
  it.each(methods)('gives back what was sealed, at each size and level: %s', (method) => {
    for (const size of [1, 64, 1_000, 4_096, 70_000, 2 ** 18, 2 ** 18 + 1]) {
      const contents = [text(size), Buffer.alloc(size), noise(Math.min(size, 5_000))];
      for (const level of [1, 9]) {
        const compressor = new Compressor({ method, level, thresholdBytes: 0 });
        for (const content of contents) {
          const record = seal('full', 'address', 'cairn-1', content, { compressor });
          const opened = open(record, 'address', what);
          expect(Buffer.compare(opened.payload, content)).toBe(0);
          expect(record.length).toBeLessThanOrEqual(content.length + 27);
        }
      }
    }
  });

  it.each(methods)('says in its envelope how it is compressed: %s', (method) => {
    const record = seal('delta', 'address', 'cairn-1', text(10_000), { compressor: new Compressor({ method }) });
    expect(record[1]).toBe(numbers[method]);
    expect(Buffer.from(record).readUInt32LE(11)).toBe(10_000);
    expect(record.length).toBeLessThan(5_000);
    expect(open(record, 'address', what)).toMatchObject({ kind: 'delta', serializerId: 'cairn-1' });
  });

  it('is plain below the threshold, and where it would not be smaller', () => {
    const compressor = new Compressor({});
    for (const content of [text(4_095), noise(5_000), noise(100_000)]) {
      const record = seal('full', 'address', 'cairn-1', content, { compressor });
      expect(record[1]).toBe(0);
      expect(record.length).toBe(content.length + 27);
    }
    expect(seal('full', 'address', 'cairn-1', text(4_096), { compressor })[1]).toBe(1);
    expect(
      seal('full', 'address', 'cairn-1', text(512), { compressor: new Compressor({ thresholdBytes: 512 }) })[1],
    ).toBe(1);
  });

  it.each(methods)('holds at least a 64th of what it expands to: %s', (method) => {
    const record = seal('full', 'address', 'cairn-1', Buffer.alloc(6_400_000), {
      compressor: new Compressor({ method }),
    });
    expect(record.length).toBe(100_000 + 8 + 27);
    expect(Buffer.compare(open(record, 'address', what).payload, Buffer.alloc(6_400_000))).toBe(0);
  });

  it('does not open when any bit of it was changed', () => {
    const sealed = seal('full', 'address', 'cairn-1', text(4_096), { compressor: new Compressor({}) });
    for (let bit = 0; bit < sealed.length * 8; bit += 7) {
      const damaged = sealed.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => open(damaged, 'address', what)).toThrow(CorruptCheckpointError);
    }
  });
});

describe('bytes that nobody would have compressed', () => {
  const bomb = {
    zstd: zlib.zstdCompressSync(Buffer.alloc(200_000_000)),
    deflate: zlib.deflateRawSync(Buffer.alloc(200_000_000)),
  };

  it.each(methods)('that expand beyond their bound are refused, and take no room: %s', (method) => {
    const content = bomb[method];
    const before = process.memoryUsage();
    expect(refusal(forged(numbers[method], 200_000_000, content.length, content))).toMatch(/more than 64-fold/);
    expect(refusal(forged(numbers[method], 64 * content.length, content.length, content))).toMatch(/can't be expanded/);
    expect(refusal(forged(numbers[method], 10, content.length, content))).toMatch(/can't be expanded/);
    const { arrayBuffers, rss } = process.memoryUsage();
    expect(arrayBuffers - before.arrayBuffers).toBeLessThan(content.length * 200 + 4_000_000);
    expect(rss - before.rss).toBeLessThan(100_000_000);
  });

  it('that ask for a large window are refused before it is made', () => {
    // A frame of 14 bytes whose header says that 128 MiB must be at hand.
    const frame = Buffer.from('28b52ffd0088' + '08000061' + '09000062', 'hex');
    expect(zlib.zstdDecompressSync(frame).toString()).toBe('ab');
    expect(refusal(forged(1, 2, frame.length, frame))).toMatch(/too much memory/);
  });

  it('that expand to less or more than they say are refused', () => {
    const content = zlib.deflateRawSync(text(1_000));
    expect(refusal(forged(2, 1_001, content.length, content))).toMatch(/1000 bytes, not to the 1001 that it says/);
    expect(refusal(forged(2, 999, content.length, content))).toMatch(/can't be expanded/);
    expect(refusal(forged(2, 0, content.length, content))).toMatch(/can't be expanded/);
  });

  it('that are cut short, or of no known method, are refused', () => {
    const content = zlib.zstdCompressSync(text(1_000));
    expect(refusal(forged(1, 1_000, content.length + 1, content))).toMatch(/cut short/);
    expect(refusal(forged(1, 1_000, content.length - 1, content))).toMatch(/not to the|can't be expanded/);
    expect(refusal(forged(1, 0, 0, new Uint8Array(0)))).toMatch(/cut short/);
    expect(refusal(forged(3, 1_000, content.length, content))).toMatch(/newer Cairn \(flags 3/);
    expect(refusal(forged(0x21, 1_000, content.length, content))).toMatch(/newer Cairn \(flags 33/);
    expect(expand({ method: 9, bytes: content }, 1_000)).toBeTypeOf('string');
  });

  it('that expand beyond the limit of the Checkpointer are refused by its name', () => {
    const record = seal('full', 'address', 'cairn-1', text(10_000), { compressor: new Compressor({}) });
    expect(refusal(record, 9_999)).toMatch(/limits\.maxBytes is 9999/);
    expect(open(record, 'address', what, {}, 10_000).payload.length).toBe(10_000);
  });
});

it.each([
  { method: 'brotli' },
  { method: 'constructor' },
  { level: 0 },
  { level: 1.5 },
  { level: 20 },
  { method: 'deflate', level: 10 },
  { thresholdBytes: -1 },
])('refuses %o', (options) => {
  expect(() => new Compressor(options as never)).toThrow(InvalidArgumentError);
});
