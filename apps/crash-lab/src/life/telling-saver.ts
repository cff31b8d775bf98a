/** An SqliteSaver that tells the lab of each change before it asks for it, and of its outcome before anybody goes on. */
import {
  type CheckpointCommit,
  CheckpointError,
  type Digest,
  type Lease,
  type LeaseRequest,
  type PendingWriteBatch,
  type PruneReport,
  type RawRecord,
  type StreamAddress,
} from '@cairn/checkpoint-core';
import { SqliteSaver } from '@cairn/saver-sqlite';
import type { Change } from './lines.js';
import { headerPrint, recordPrint, writePrint } from './prints.js';
import { say } from './say.js';

export class TellingSaver extends SqliteSaver {
  #count: number;

  /** @param firstNumber - of the tries, so that no two lives share one. */
  constructor(file: string, firstNumber: number) {
    super({ path: file });
    this.#count = firstNumber;
  }

  override async put(commit: CheckpointCommit): Promise<void> {
    const { threadId, namespace, checkpointId, seq, parentId, consumes, fork, records } = commit;
    const change: Change = {
      method: 'put',
      ...{ threadId, namespace, checkpointId, seq, parentId, consumes, fork },
      print: headerPrint(commit),
      records: records.map(recordPrint),
    };
    await this.#tell(change, () => super.put(commit));
  }

  override async putWrites(batch: PendingWriteBatch): Promise<void> {
    const { threadId, namespace, checkpointId, taskId } = batch;
    const writes = batch.writes.map((write) => [write.key, writePrint(write)] as const);
    const change: Change = { method: 'put-writes', threadId, namespace, checkpointId, taskId, writes };
    await this.#tell(change, () => super.putWrites(batch));
  }

  override async prune(stream: StreamAddress, drop: readonly string[]): Promise<PruneReport> {
    return this.#tell({ method: 'prune', threadId: stream.threadId, drop }, () => super.prune(stream, drop));
  }

  override async deleteThread(threadId: string): Promise<void> {
    await this.#tell({ method: 'delete', threadId }, () => super.deleteThread(threadId));
  }

  override async copyThread(from: string, to: string): Promise<void> {
    await this.#tell({ method: 'copy', threadId: from, to }, () => super.copyThread(from, to));
  }

  override async restore(threadId: string, rows: AsyncIterable<RawRecord>, from = threadId): Promise<void> {
    await this.#tell({ method: 'restore', threadId, from }, () => super.restore(threadId, rows));
  }

  override async replace(threadId: string, rows: readonly RawRecord[], expected: readonly Digest[]): Promise<void> {
    await this.#tell({ method: 'replace', threadId }, () => super.replace(threadId, rows, expected));
  }

  override async acquireLease(threadId: string, request: LeaseRequest): Promise<Lease> {
    return this.#tell(
      { method: 'lease', threadId },
      () => super.acquireLease(threadId, request),
      ({ fence }) => fence,
    );
  }

  override async releaseLease(lease: Lease): Promise<void> {
    await this.#tell({ method: 'lease', threadId: lease.threadId }, () => super.releaseLease(lease));
  }

  async #tell<Result>(
    change: Change,
    call: () => Promise<Result>,
    fenceOf?: (result: Result) => number,
  ): Promise<Result> {
    this.#count += 1;
    const n = this.#count;
    say({ say: 'try', n, change });
    try {
      const result = await call();
      say({ say: 'done', n, ...(fenceOf && { fence: fenceOf(result) }) });
      return result;
    } catch (error) {
      if (error instanceof CheckpointError) say({ say: 'refused', n, code: error.code });
      throw error;
    }
  }
}
