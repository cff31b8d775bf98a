import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClearHeader, headerAddress, recordAddress } from '../../src/checkpointer/row-addresses.js';

/** What JSON writes as it is, and what it does not. */
const unit = fc.constantFrom('a', '~', ' ', '"', '\\', '\0', '\u001f', '\u007f', '\u2028', '\ud800', 'é', '😀');
const text = fc.oneof(fc.string({ unit }), fc.string({ unit: 'binary' }));
/** What a damaged store, or a saver that is not right yet, may hand back in a field's place. */
const field = fc.oneof(text, fc.integer(), fc.double(), fc.constant(null), fc.boolean());

test('the address of a header is the JSON of its fields, whatever is in them', () => {
  const header = fc.record({
    origin: text,
    namespace: fc.array(text),
    checkpointId: text,
    seq: field,
    parentId: fc.option(text, { nil: undefined }),
    createdAt: field,
    status: field,
    tokens: fc.array(text),
    channels: fc.array(fc.record({ channel: text, seq: field })),
  });
  fc.assert(
    fc.property(header, (fields) => {
      const { origin, namespace, checkpointId, seq, parentId, createdAt, status, tokens, channels } = fields;
      const versions = channels.map((version) => [version.channel, version.seq]);
      const place = [checkpointId, seq, parentId ?? null, createdAt, status];
      const json = JSON.stringify(['checkpoint', origin, namespace, ...place, tokens, versions]);
      expect(headerAddress(fields as unknown as ClearHeader)).toBe(json);
    }),
  );
});

test('the address of a record begins with the JSON of its stream and channel', () => {
  const record = fc.record({ origin: text, namespace: fc.array(text), channel: text, restsOn: fc.array(fc.nat()) });
  fc.assert(
    fc.property(record, ({ origin, namespace, channel, restsOn }) => {
      const address = recordAddress({ threadId: 't', origin, namespace }, { channel, seq: 7, restsOn });
      expect(address).toBe(`${JSON.stringify(['record', origin, namespace, channel])}7[${restsOn.join()}]`);
    }),
  );
});
