/** A newer Cairn's rows are refused as such in every place where a form can change, and damage is never taken for one. */
import { describe, expect, it } from 'vitest';
import { RowCodec } from '../../src/checkpointer/row-codec.js';
import { open, seal } from '../../src/encoding/seal.js';
import { importThreads, type MaintainableSaver } from '../../src/index.js';
import { withChecksum } from '../fixtures/with-checksum.js';

const codec = new RowCodec({});
const at = { threadId: 't', origin: 't', namespace: [] };
const record = codec.sealRecord(at, 'list', 1, {
  kind: 'full',
  restsOn: [],
  payload: codec.encode('list', [1]),
  chainAt: () => [],
});
const address = `${JSON.stringify(['record', 't', [], 'list'])}1[]`;

const isFuture = expect.objectContaining({ code: 'CAIRN_FUTURE_FORMAT', retryable: false });
const isDamaged = expect.objectContaining({ code: 'CAIRN_CORRUPT_CHECKPOINT' });

function read(bytes: Uint8Array): unknown {
  const stored = { ...record, bytes };
  return codec.decodeRecord(at, stored, codec.openRecord(at, stored));
}

/** A record that a newer Cairn could have sealed: the checksum is right. */
function sealedAs(...header: readonly number[]): Uint8Array {
  return withChecksum(address, [...header, ...record.bytes.subarray(header.length, -16)]);
}

describe('what a newer Cairn wrote is FutureFormatError', () => {
  it.each<[string, () => unknown]>([
    ['another layout of records', () => read(sealedAs(0xc2))],
    ['another method of compression', () => read(sealedAs(0xc1, 0x07))],
    ['another kind of record', () => read(sealedAs(0xc1, 0, 3))],
    ['another of its formats', () => read(seal('full', address, 'cairn-2', Uint8Array.of(1, 2)))],
    ['another version of its format', () => read(seal('full', address, 'cairn-1', Uint8Array.of(2, 0)))],
    ['a header with more parts', () => openHeader([...Array(14).fill(null), 'new'])],
    ['a task with more parts', () => openHeader(['save', null, [['id', 'node', null, 1, 'new']], []])],
  ])('%s', (_, reading) => {
    expect(reading).toThrow(isFuture);
    expect(reading).toThrow(
      /thread "t".* was written by a newer Cairn \(.*\)\. Update Cairn here; nothing is damaged\./,
    );
  });

  it('another version of the export is refused by its first line', async () => {
    const saver = {} as MaintainableSaver;
    const reading = importThreads(saver, ['{"cairn":"export","version":2}']);
    await expect(reading).rejects.toThrow(/says version 2, and this Cairn reads 1: update it/);
  });
});

describe('damage is not taken for a newer version', () => {
  it('where a bit of the version flipped, the rest still has its checksum', () => {
    for (const bit of [1, 2, 3]) {
      const bytes = Uint8Array.from(record.bytes);
      bytes[0] = (bytes[0] ?? 0) ^ (1 << bit);
      expect(() => read(bytes)).toThrow(isDamaged);
    }
  });

  it('where any other bit flipped, the checksum says so first', () => {
    for (let bit = 8; bit < record.bytes.length * 8; bit++) {
      const bytes = Uint8Array.from(record.bytes);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => read(bytes)).toThrow(isDamaged);
    }
  });

  it('a format of somebody else is one that was not given, not a newer one', () => {
    const bytes = seal('full', address, 'json', Uint8Array.of(1));
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code: 'CAIRN_UNKNOWN_FORMAT' }));
    expect(open(bytes, address, () => 'it').serializerId).toBe('json');
  });
});

function openHeader(packed: readonly unknown[]): unknown {
  const place = { ...at, checkpointId: 'c', seq: 1, parentId: undefined, createdAt: 0 };
  const clear = { ...place, status: 'running' as const, tokens: [], channels: [] };
  const headerAddress = JSON.stringify(['checkpoint', 't', [], 'c', 1, null, 0, 'running', [], []]);
  const bytes = seal('full', headerAddress, 'cairn-1', codec.encode('', packed));
  return codec.openHeader({ ...clear, bytes, digest: '' });
}
