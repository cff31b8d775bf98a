/** The defect of a checkpointer that counts channel versions along a branch: two forks count to the same number. */
import { type CheckpointSaver, namespaceKey } from '@cairn/checkpoint-core';
import { altered } from './mutant.js';
import { withBytes } from './with-bytes.js';

/** A saver that stores a record only where none has its channel's version yet, whichever branch counted to it. */
export function forksShareVersions(saver: CheckpointSaver): CheckpointSaver {
  /** For each checkpoint, how often each channel was written along its branch. */
  const versions = new Map<string, ReadonlyMap<string, number>>();
  const blobs = new Map<string, Uint8Array>();
  const place = (
    { threadId, namespace }: { threadId: string; namespace: readonly string[] },
    ...rest: (string | number)[]
  ) => JSON.stringify([threadId, namespaceKey(namespace), ...rest]);
  return altered(saver, {
    async put(commit) {
      await saver.put(commit);
      const mine = new Map(versions.get(place(commit, commit.parentId ?? '')));
      for (const { channel, bytes } of commit.records) {
        const version = (mine.get(channel) ?? 0) + 1;
        mine.set(channel, version);
        const blob = place(commit, channel, version);
        if (!blobs.has(blob)) blobs.set(blob, bytes);
      }
      versions.set(place(commit, commit.checkpointId), mine);
    },
    async get(address) {
      const stored = await saver.get(address);
      if (stored === undefined) return undefined;
      const mine = versions.get(place(address, stored.header.checkpointId));
      const current = new Map(stored.header.channels.map(({ channel, seq }) => [channel, seq]));
      return withBytes(stored, ({ channel, seq }) =>
        current.get(channel) === seq ? blobs.get(place(address, channel, mine?.get(channel) ?? 0)) : undefined,
      );
    },
  });
}
