/** Whether scanned rows are a whole thread, before a saver's `restore` stores any of them. */

import { namespaceKey } from './address.js';
import { counted } from './counted.js';
import { quoteId } from './errors/checkpoint-error.js';
import { CorruptCheckpointError } from './errors/encoding-errors.js';
import type { RawRecord } from './records.js';

/** Counts rows as they come, and keeps none: they are many, and their bytes are large. */
export class RowTally {
  #rows = 0;
  #rowCount: number | undefined;
  #total = 0;
  /** By namespace: where the stream's row says that it ends, and where its checkpoints do. */
  readonly #said = new Map<string, End>();
  readonly #found = new Map<string, End>();

  add(row: RawRecord): void {
    this.#total += 1;
    if (row.kind === 'thread') {
      this.#rowCount = row.rowCount;
      return;
    }
    const namespace = namespaceKey(row.namespace);
    if (row.kind === 'stream') {
      this.#said.set(namespace, { seq: row.lastSeq, id: row.headId });
      return;
    }
    this.#rows += 1;
    if (row.kind !== 'checkpoint' || (this.#found.get(namespace)?.seq ?? 0) > row.seq) return;
    this.#found.set(namespace, { seq: row.seq, id: row.checkpointId });
  }

  /** @throws CorruptCheckpointError unless the rows are as many, and each stream ends, as the rows say; none are fine. */
  checkWhole(threadId: string): void {
    const fault = this.fault();
    if (fault !== undefined) throw incomplete(threadId, fault);
  }

  /** What shows that the rows are not a whole thread; undefined when they are. */
  fault(): string | undefined {
    if (this.#total === 0) return undefined;
    if (this.#rowCount !== this.#rows) {
      return `its row counts ${this.#rowCount ?? 'nothing'}, and ${counted(this.#rows, 'row')} came`;
    }
    for (const namespace of new Set([...this.#said.keys(), ...this.#found.keys()])) {
      const said = this.#said.get(namespace);
      const found = this.#found.get(namespace);
      if (said === undefined || said.seq !== found?.seq || said.id !== found.id) {
        return `the head of its stream ${quoteId(namespace)} is not its last checkpoint`;
      }
    }
    return undefined;
  }
}

interface End {
  readonly seq: number;
  readonly id: string;
}

function incomplete(threadId: string, what: string): CorruptCheckpointError {
  return new CorruptCheckpointError(
    `The rows for thread ${quoteId(threadId)} are not a whole thread: ${what}. Nothing was stored; scan or export it anew.`,
    { threadId },
  );
}
