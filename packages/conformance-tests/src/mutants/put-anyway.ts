/** What a saver without compare-and-set does with a commit that lost: it stores it behind the head. */
import { type CheckpointCommit, type CheckpointSaver, type HeadPosition, hasCode } from '@cairn/checkpoint-core';

/** Stores a commit behind whatever the head is by then. */
export async function putAnyway(saver: CheckpointSaver, commit: CheckpointCommit): Promise<void> {
  try {
    await saver.put(commit);
  } catch (error) {
    const head = hasCode(error, 'CAIRN_CHECKPOINT_CONFLICT') && 'head' in error ? error.head : undefined;
    if (head === undefined) throw error;
    const { checkpointId, seq } = head as HeadPosition;
    // It stands behind the head already, so something else than its place is wrong with it.
    if (checkpointId === commit.parentId && commit.seq === seq + 1) throw error;
    await putAnyway(saver, behind(commit, { checkpointId, seq }));
  }
}

function behind(commit: CheckpointCommit, { seq, checkpointId }: HeadPosition): CheckpointCommit {
  const move = <T extends { readonly seq: number }>(at: T): T => (at.seq === commit.seq ? { ...at, seq: seq + 1 } : at);
  const { channels, records } = commit;
  const moved = { ...commit, seq: seq + 1, parentId: checkpointId, fork: false };
  return { ...moved, channels: channels.map(move), records: records.map(move) };
}
