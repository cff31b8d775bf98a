// Reads back what the desk stored, thread by thread and checkpoint by checkpoint, so that nothing is believed that is not on record.
import { Checkpointer, type CheckpointSaver, type ReportedThreadStatus } from '@cairn/checkpoint-core';
import type { DeskValues } from '../graph/desk-state.js';

/** Where one thread ended. */
export interface ThreadOutcome {
  readonly status: ReportedThreadStatus;
  readonly values: Partial<DeskValues>;
  /** Checkpoints read back whole; each was verified against its checksums. */
  readonly checkpoints: number;
}

export async function readOutcomes(saver: CheckpointSaver): Promise<Map<string, ThreadOutcome>> {
  const checkpointer = new Checkpointer({ saver });
  const outcomes = new Map<string, ThreadOutcome>();
  for await (const { threadId, status } of checkpointer.listThreads()) {
    let values: Partial<DeskValues> = {};
    let checkpoints = 0;
    for await (const checkpoint of checkpointer.history({ threadId, order: 'asc' })) {
      values = checkpoint.values as Partial<DeskValues>;
      checkpoints += 1;
    }
    outcomes.set(threadId, { status, values, checkpoints });
  }
  return outcomes;
}
