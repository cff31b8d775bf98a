/** Everything that must hold of a store after a kill, checked by a process that opens it anew. */
import { CheckpointError, Checkpointer, type MaintainableSaver, type RawRecord } from '@cairn/checkpoint-core';
import BetterSqlite3 from 'better-sqlite3';
import type { Line, Outcome } from '../life/lines.js';
import type { StoreLocation } from '../stores/location.js';
import { compareThread } from './compare-thread.js';
import { applyOutcome, replay } from './model.js';
import { settle } from './settle.js';
import { isAbsent, readRows, type StoredThread } from './stored-thread.js';

export interface Findings {
  readonly broken: readonly string[];
  /** Of each change that was under way: whether it is stored. */
  readonly settled: readonly (readonly [n: number, stored: Outcome])[];
  readonly steps: readonly string[];
  /** How many were read whole and verified. */
  readonly checkpoints: number;
}

export async function checkStore(
  location: StoreLocation,
  saver: MaintainableSaver,
  journal: readonly Line[],
): Promise<Findings> {
  const broken = location.saver === 'sqlite' ? integrityFaults(location.path) : [];
  const rows = new Map<string, RawRecord[]>();
  for await (const row of saver.scan()) {
    const ofThread = rows.get(row.threadId);
    if (ofThread) ofThread.push(row);
    else rows.set(row.threadId, [row]);
  }
  const stored = new Map(Array.from(rows, ([threadId, ofThread]) => [threadId, readRows(ofThread)]));
  const storedOf = (threadId: string): StoredThread => stored.get(threadId) ?? readRows([]);

  const { model, pending } = replay(journal);
  const settled: [number, Outcome][] = [];
  for (const [n, change] of pending) {
    const outcome = settle(change, model, storedOf);
    if (outcome === undefined) continue;
    if (outcome === 'torn') {
      broken.push(`A ${change.method} of thread ${change.threadId} is stored in part.`);
      continue;
    }
    applyOutcome(model, change, outcome);
    settled.push([n, outcome]);
  }

  for (const threadId of new Set([...model.keys(), ...stored.keys()])) {
    const expected = model.get(threadId) ?? { checkpoints: new Map(), writes: new Map() };
    const found = storedOf(threadId);
    if (expected.checkpoints.size > 0 || !isAbsent(found)) broken.push(...compareThread(threadId, expected, found));
  }
  const { read, faults } = await readAll(new Checkpointer({ saver }), [...rows.values()].flat());
  return {
    broken: [...broken, ...faults],
    settled,
    steps: [...stored.values()].flatMap(({ steps }) => steps),
    checkpoints: read,
  };
}

function integrityFaults(file: string): string[] {
  const database = new BetterSqlite3(file);
  try {
    const verdict = database.pragma('integrity_check', { simple: true });
    return verdict === 'ok' ? [] : [`PRAGMA integrity_check says: ${String(verdict)}`];
  } finally {
    database.close();
  }
}

/** Reads each checkpoint with its values and pending writes, which verifies all their checksums. */
async function readAll(checkpointer: Checkpointer, rows: readonly RawRecord[]) {
  const faults: string[] = [];
  let read = 0;
  for (const row of rows) {
    if (row.kind !== 'checkpoint') continue;
    const { threadId, namespace, checkpointId } = row;
    try {
      if ((await checkpointer.read({ threadId, namespace, checkpointId })) === undefined) {
        faults.push(`Checkpoint ${checkpointId} of thread ${threadId} is listed and can't be read.`);
      }
      read += 1;
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      faults.push(error.message);
    }
  }
  return { read, faults };
}
