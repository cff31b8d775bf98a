/** One thread of the model store: what was committed, what was dropped since, and what still waits to be folded in. */
import {
  type CheckpointAddress,
  type CheckpointCommit,
  type Namespace,
  namespaceKey,
  type PendingWrite,
  type PruneReport,
  type ThreadStatus,
} from '@cairn/checkpoint-core';
import type { ExpectedStream } from '../fixtures/expected-stream.js';

export interface ModelThread {
  readonly origin: string;
  readonly status: ThreadStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** By namespace key. */
  readonly streams: Map<string, ModelStream>;
}

export class ModelStream implements ExpectedStream {
  readonly namespace: Namespace;
  readonly commits: CheckpointCommit[];
  readonly pruned: Set<string>;
  readonly writes: Map<string, readonly PendingWrite[]>;
  /** The records that are still stored, as `seq/channel`. */
  readonly records: Set<string>;

  constructor(namespace: Namespace, of?: Omit<ExpectedStream, 'commits'> & Pick<ModelStream, 'commits' | 'records'>) {
    this.namespace = namespace;
    this.commits = of?.commits ?? [];
    this.pruned = new Set(of?.pruned);
    this.writes = new Map(of?.writes);
    this.records = new Set(of?.records);
  }

  get head(): CheckpointCommit | undefined {
    return this.commits.at(-1);
  }

  /** The checkpoints that are still stored, in order of seq. */
  kept(): CheckpointCommit[] {
    return this.commits.filter(({ checkpointId }) => !this.pruned.has(checkpointId));
  }

  find(checkpointId: string): CheckpointCommit | undefined {
    return this.kept().find((commit) => commit.checkpointId === checkpointId);
  }

  append(commit: CheckpointCommit): void {
    this.commits.push(commit);
    for (const { channel, seq } of commit.records) this.records.add(recordKey(channel, seq));
    if (commit.fork || commit.parentId === undefined) return;
    const waiting = this.writes.get(commit.parentId) ?? [];
    const left = waiting.filter(({ taskId }) => commit.consumes !== 'all' && !commit.consumes.includes(taskId));
    this.writes.set(commit.parentId, left);
  }

  /** The stream as it is in a copied thread: up to a seq, or whole. */
  copy(to: string, lastSeq = Number.POSITIVE_INFINITY): ModelStream {
    const commits = this.commits.filter(({ seq }) => seq <= lastSeq);
    const ids = new Set(commits.map(({ checkpointId }) => checkpointId));
    return new ModelStream(this.namespace, {
      commits: commits.map((commit) => ({ ...commit, threadId: to })),
      pruned: new Set([...this.pruned].filter((id) => ids.has(id))),
      writes: new Map([...this.writes].filter(([id]) => ids.has(id))),
      records: new Set([...this.records].filter((key) => Number.parseInt(key, 10) <= lastSeq)),
    });
  }

  /** Drops checkpoints with their writes, and the records that no other needs; says what went. */
  prune(drop: readonly string[]): PruneReport {
    const dropped = new Set(drop.filter((id) => id !== this.head?.checkpointId && this.find(id) !== undefined));
    if (dropped.size === 0) return { checkpoints: 0, records: 0, writes: 0, bytes: 0 };
    const headers = this.kept().filter(({ checkpointId }) => dropped.has(checkpointId));
    const writes = headers.flatMap(({ checkpointId }) => this.writes.get(checkpointId) ?? []);
    for (const id of dropped) {
      this.pruned.add(id);
      this.writes.delete(id);
    }
    const needed = new Set(this.kept().flatMap((commit) => this.#recordsUnder(commit)));
    const all = this.commits.flatMap((commit) => commit.records);
    const records = all.filter(({ channel, seq }) => {
      const key = recordKey(channel, seq);
      return this.records.has(key) && !needed.has(key);
    });
    for (const { channel, seq } of records) this.records.delete(recordKey(channel, seq));
    const bytes = [...headers, ...writes, ...records].reduce((sum, row) => sum + row.bytes.length, 0);
    return { checkpoints: headers.length, records: records.length, writes: writes.length, bytes };
  }

  /** What a new record of the channel may rest on when it is committed on top of `parent`: the whole chain there. */
  chainOf(parent: CheckpointCommit, channel: string): number[] {
    const top = parent.channels.find((version) => version.channel === channel)?.seq;
    if (top === undefined) return [];
    const record = this.commits.flatMap(({ records }) => records).find((r) => r.channel === channel && r.seq === top);
    return [...(record?.restsOn ?? []), top];
  }

  #recordsUnder(commit: CheckpointCommit): string[] {
    return commit.channels.flatMap(({ channel }) =>
      this.chainOf(commit, channel).map((seq) => recordKey(channel, seq)),
    );
  }
}

/**
 * The thread that a copy makes.
 *
 * @returns undefined when the thread has no checkpoint `upTo`.
 */
export function copiedThread(source: ModelThread, to: string, upTo?: CheckpointAddress): ModelThread | undefined {
  const cut = upTo && namespaceKey(upTo.namespace);
  const stream = cut === undefined ? undefined : source.streams.get(cut);
  const end = upTo?.checkpointId === undefined ? stream?.head : stream?.find(upTo.checkpointId);
  if (cut !== undefined && end === undefined) return undefined;
  const streams = [...source.streams].map(([key, each]): [string, ModelStream] => [
    key,
    each.copy(to, key === cut ? end?.seq : undefined),
  ]);
  return { ...source, status: end?.status ?? source.status, streams: new Map(streams) };
}

function recordKey(channel: string, seq: number): string {
  return `${seq}/${channel}`;
}
