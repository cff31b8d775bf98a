/** The digest of a stored row, by which `replace` sees that it has not changed since it was scanned. */
import { namespaceKey } from './address.js';
import { digestOf } from './encoding/checksum.js';
import type { Digest, RawRecord } from './records.js';

/** The digest of everything a row holds, its address included. */
export function rawDigest(row: RawRecord): Digest {
  switch (row.kind) {
    case 'thread': {
      const { threadId, origin, status, createdAt, updatedAt, rowCount } = row;
      return digestOf(JSON.stringify(['thread', threadId, origin, status, createdAt, updatedAt, rowCount]));
    }
    case 'stream': {
      const { threadId, namespace, lastSeq, headId } = row;
      return digestOf(JSON.stringify(['stream', threadId, namespaceKey(namespace), lastSeq, headId]));
    }
    case 'checkpoint': {
      const { threadId, namespace, checkpointId, seq, parentId, createdAt, status, tokens, channels, digest } = row;
      const clear = [
        threadId,
        namespace,
        checkpointId,
        seq,
        parentId ?? null,
        createdAt,
        status,
        tokens,
        channels,
        digest,
      ];
      return digestOf(JSON.stringify(['checkpoint', clear]), row.bytes);
    }
    case 'record': {
      const { threadId, namespace, channel, seq, restsOn } = row;
      return digestOf(JSON.stringify(['record', threadId, namespace, channel, seq, restsOn]), row.bytes);
    }
    case 'write': {
      const { threadId, namespace, checkpointId, taskId, key, digest } = row;
      return digestOf(JSON.stringify(['write', threadId, namespace, checkpointId, taskId, key, digest]), row.bytes);
    }
  }
}
