/** A caller's own row made ours, so that changing it later has no effect. */
import type { RawRecord } from '@cairn/checkpoint-core';

/** @returns the row as the given thread's. */
export function copyRaw(row: RawRecord, threadId: string): RawRecord {
  switch (row.kind) {
    case 'thread':
      return { ...row, threadId };
    case 'stream':
      return { ...row, threadId, namespace: [...row.namespace] };
    case 'checkpoint':
      return {
        ...row,
        threadId,
        namespace: [...row.namespace],
        tokens: [...row.tokens],
        channels: row.channels.map((version) => ({ ...version })),
        bytes: new Uint8Array(row.bytes),
      };
    case 'record':
      return {
        ...row,
        threadId,
        namespace: [...row.namespace],
        restsOn: [...row.restsOn],
        bytes: new Uint8Array(row.bytes),
      };
    case 'write':
      return { ...row, threadId, namespace: [...row.namespace], bytes: new Uint8Array(row.bytes) };
  }
}
