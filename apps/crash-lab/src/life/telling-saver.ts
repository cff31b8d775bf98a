/** A saver that tells the lab of each change before it asks for it, and of its outcome before anybody goes on. */
import {
  type CheckpointAddress,
  type CheckpointCommit,
  CheckpointError,
  type CheckpointHeader,
  type Digest,
  type Lease,
  type LeaseRequest,
  type ListQuery,
  type MaintainableSaver,
  type PendingWriteBatch,
  type PruneReport,
  type RawRecord,
  type SaverCapabilities,
  type StoredCheckpoint,
  type StreamAddress,
  type ThreadQuery,
  type ThreadSummary,
} from '@cairn/checkpoint-core';
import type { Change } from './lines.js';
import { headerPrint, recordPrint, writePrint } from './prints.js';
import { say } from './say.js';

export class TellingSaver implements MaintainableSaver {
  readonly capabilities: SaverCapabilities;
  readonly #saver: MaintainableSaver;
  #count: number;

  /** @param firstNumber - of the tries, so that no two lives share one. */
  constructor(saver: MaintainableSaver, firstNumber: number) {
    this.#saver = saver;
    this.capabilities = saver.capabilities;
    this.#count = firstNumber;
  }

  setup(): Promise<void> {
    return this.#saver.setup();
  }

  close(): Promise<void> {
    return this.#saver.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#saver.close();
  }

  get(address: CheckpointAddress): Promise<StoredCheckpoint | undefined> {
    return this.#saver.get(address);
  }

  list(query: ListQuery): AsyncIterable<CheckpointHeader> {
    return this.#saver.list(query);
  }

  listThreads(query: ThreadQuery): AsyncIterable<ThreadSummary> {
    return this.#saver.listThreads(query);
  }

  scan(threadId?: string): AsyncIterable<RawRecord> {
    return this.#saver.scan(threadId);
  }

  renewLease(lease: Lease, ttlMs: number): Promise<Lease> {
    return this.#saver.renewLease(lease, ttlMs);
  }

  async put(commit: CheckpointCommit): Promise<void> {
    const { threadId, namespace, checkpointId, seq, parentId, consumes, fork, records } = commit;
    const change: Change = {
      method: 'put',
      ...{ threadId, namespace, checkpointId, seq, parentId, consumes, fork },
      print: headerPrint(commit),
      records: records.map(recordPrint),
    };
    await this.#tell(change, () => this.#saver.put(commit));
  }

  async putWrites(batch: PendingWriteBatch): Promise<void> {
    const { threadId, namespace, checkpointId, taskId } = batch;
    const writes = batch.writes.map((write) => [write.key, writePrint(write)] as const);
    const change: Change = { method: 'put-writes', threadId, namespace, checkpointId, taskId, writes };
    await this.#tell(change, () => this.#saver.putWrites(batch));
  }

  async prune(stream: StreamAddress, drop: readonly string[]): Promise<PruneReport> {
    return this.#tell({ method: 'prune', threadId: stream.threadId, drop }, () => this.#saver.prune(stream, drop));
  }

  async deleteThread(threadId: string): Promise<void> {
    await this.#tell({ method: 'delete', threadId }, () => this.#saver.deleteThread(threadId));
  }

  async copyThread(from: string, to: string, upTo?: CheckpointAddress): Promise<void> {
    await this.#tell({ method: 'copy', threadId: from, to }, () => this.#saver.copyThread(from, to, upTo));
  }

  async restore(threadId: string, rows: AsyncIterable<RawRecord>, from = threadId): Promise<void> {
    await this.#tell({ method: 'restore', threadId, from }, () => this.#saver.restore(threadId, rows));
  }

  async replace(threadId: string, rows: readonly RawRecord[], expected: readonly Digest[]): Promise<void> {
    await this.#tell({ method: 'replace', threadId }, () => this.#saver.replace(threadId, rows, expected));
  }

  async acquireLease(threadId: string, request: LeaseRequest): Promise<Lease> {
    return this.#tell(
      { method: 'lease', threadId },
      () => this.#saver.acquireLease(threadId, request),
      ({ fence }) => fence,
    );
  }

  async releaseLease(lease: Lease): Promise<void> {
    await this.#tell({ method: 'lease', threadId: lease.threadId }, () => this.#saver.releaseLease(lease));
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
