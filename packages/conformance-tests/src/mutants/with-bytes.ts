/** For mutants that hand out other bytes than were stored. */
import type { StoredCheckpoint } from '@cairn/checkpoint-core';

/** The checkpoint with the bytes of those records replaced for which `bytesOf` has others. */
export function withBytes(
  stored: StoredCheckpoint,
  bytesOf: (record: { readonly channel: string; readonly seq: number }) => Uint8Array | undefined,
): StoredCheckpoint {
  return {
    ...stored,
    records: stored.records.map((record) => ({ ...record, bytes: bytesOf(record) ?? record.bytes })),
  };
}
