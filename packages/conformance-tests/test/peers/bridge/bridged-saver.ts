/**
 * Cairn's contract over a LangGraph.js saver, so that the suite can judge it: a thin bridge that adds no guard and keeps
 * no data, and maps each notion to the nearest that LangGraph.js has.
 *
 * | Cairn | LangGraph.js |
 * |---|---|
 * | thread, namespace | `thread_id`; the whole namespace as one text in `checkpoint_ns` |
 * | checkpoint, seq | a checkpoint whose id begins with the seq, since their savers order by id |
 * | parent | `checkpoint_id` of the config that is handed to `put` |
 * | records of a commit | `channel_values`: Uint8Arrays; untouched channels are taken over from the parent |
 * | the seq that changed a channel | `channel_versions` and `newVersions`, counted as their own loop counts them |
 * | tokens | metadata keys of their own, which filters match |
 * | the rest of a header | one more metadata key |
 * | pending write | `[key, { digest, bytes }]`, at its position among the task's writes |
 *
 * What they have nothing for is refused with a `NoSuchNotionError`.
 */
import {
  type ChannelRecord,
  type CheckpointAddress,
  type CheckpointCommit,
  type CheckpointHeader,
  type CheckpointSaver,
  compareText,
  type Lease,
  type ListQuery,
  type PendingWrite,
  type PendingWriteBatch,
  type PruneReport,
  type SaverCapabilities,
  type StoredCheckpoint,
  type StreamAddress,
  type ThreadSummary,
} from '@cairn/checkpoint-core';
import {
  type BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointTuple,
  maxChannelVersion,
} from '@langchain/langgraph-checkpoint';
import { type MissingNotion, NoSuchNotionError } from './no-such-notion.js';
import { headerOfTuple, peerId, type StoredMetadata, streamConfig, writesOfTuple } from './peer-shapes.js';

export interface BridgedPeer {
  readonly saver: BaseCheckpointSaver;
  readonly capabilities: SaverCapabilities;
  setup(): Promise<void>;
  close(): Promise<void>;
}

export class BridgedSaver implements CheckpointSaver {
  readonly capabilities: SaverCapabilities;
  readonly #peer: BridgedPeer;
  /** Their id of each checkpoint that was met, as their own callers keep the config that `put` returned. */
  readonly #ids = new Map<string, string>();

  constructor(peer: BridgedPeer) {
    this.#peer = peer;
    this.capabilities = peer.capabilities;
  }

  setup(): Promise<void> {
    return this.#peer.setup();
  }

  close(): Promise<void> {
    return this.#peer.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async put(commit: CheckpointCommit): Promise<void> {
    if (commit.lease !== undefined) throw new NoSuchNotionError('leases');
    if (commit.records.some(({ restsOn }) => restsOn.length > 0)) throw new NoSuchNotionError('deltas');
    const { saver } = this.#peer;
    const parent = commit.parentId === undefined ? undefined : await this.#find(commit, commit.parentId);
    const versions = versionsAfter(saver, parent, commit.records);
    const inherited = Object.entries(parent?.checkpoint.channel_values ?? {});
    const values = new Map([...inherited, ...commit.records.map(({ channel, bytes }) => [channel, bytes] as const)]);
    const own = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> => {
      const current = new Set(commit.channels.map(({ channel }) => channel));
      return Object.fromEntries([...entries].filter(([channel]) => current.has(channel)));
    };
    const { threadId: _thread, namespace: _namespace, fork: _fork, records: _records, ...header } = commit;
    const checkpoint: Checkpoint = {
      v: 4,
      id: peerId(commit),
      ts: new Date(commit.createdAt).toISOString(),
      channel_values: own(values),
      channel_versions: own(versions.all),
      versions_seen: {},
    };
    const metadata: StoredMetadata = {
      ...Object.fromEntries(commit.tokens.map((token) => [token, true])),
      source: 'loop',
      step: commit.seq,
      parents: {},
      cairn: header,
    };
    const parentId = parent?.checkpoint.id ?? commit.parentId;
    // Their declared `put` has three parameters or four, by saver; all are called with four.
    const put = saver.put.bind(saver) as (
      ...parts: [object, Checkpoint, CheckpointMetadata, ChannelVersions]
    ) => unknown;
    await put(streamConfig(commit, parentId), checkpoint, metadata, Object.fromEntries(versions.changed));
    this.#ids.set(placeOf(commit, commit.checkpointId), checkpoint.id);
  }

  async putWrites({ taskId, writes, lease, ...address }: PendingWriteBatch): Promise<void> {
    if (lease !== undefined) throw new NoSuchNotionError('leases');
    const tuple = await this.#find(address, address.checkpointId);
    // They know a write by its position in the one call that a task makes, so earlier ones of the task are sent again.
    const earlier = tuple === undefined ? [] : writesOfTuple(tuple).filter((write) => write.taskId === taskId);
    const all = new Map([...earlier, ...writes].map(({ key, digest, bytes }) => [key, { digest, bytes }] as const));
    if (writes.length === 0) return;
    await this.#peer.saver.putWrites(
      streamConfig(address, tuple?.checkpoint.id ?? address.checkpointId),
      [...all].map(([key, value]) => [key, value]),
      taskId,
    );
  }

  async get(address: CheckpointAddress): Promise<StoredCheckpoint | undefined> {
    const { saver } = this.#peer;
    const head = await saver.getTuple(streamConfig(address));
    const tuple = address.checkpointId === undefined ? head : await this.#find(address, address.checkpointId);
    if (tuple === undefined || head === undefined) return undefined;
    const header = headerOfTuple(address, tuple);
    const { checkpointId, seq } = headerOfTuple(address, head);
    const end = { checkpointId, seq, writes: writesOfTuple(head).length };
    const records: ChannelRecord[] = header.channels.map(({ channel, seq: at }) => ({
      channel,
      seq: at,
      restsOn: [],
      bytes: tuple.checkpoint.channel_values[channel] as Uint8Array,
    }));
    const byTaskAndKey = (a: PendingWrite, b: PendingWrite): number =>
      compareText(a.taskId, b.taskId) || compareText(a.key, b.key);
    return { header, head: end, records, writes: writesOfTuple(tuple).sort(byTaskAndKey) };
  }

  list(query: ListQuery): AsyncIterable<CheckpointHeader> {
    return this.#list(structuredClone(query));
  }

  async *#list(query: ListQuery): AsyncIterable<CheckpointHeader> {
    const { order = 'desc', beforeSeq, afterSeq = 0, tokens = [], limit } = query;
    // They list newest first and have no lower bound: the rest is done here, and their limit is used where it can be.
    const isTheirs = order === 'desc' && afterSeq === 0;
    const before =
      beforeSeq === undefined ? {} : { before: { configurable: { checkpoint_id: peerId({ seq: beforeSeq }) } } };
    const filter = tokens.length === 0 ? {} : { filter: Object.fromEntries(tokens.map((token) => [token, true])) };
    const listing = this.#peer.saver.list(streamConfig(query), {
      ...before,
      ...filter,
      ...(isTheirs && limit !== undefined ? { limit } : {}),
    });
    if (isTheirs) {
      for await (const tuple of listing) yield headerOfTuple(query, tuple);
      return;
    }
    const headers: CheckpointHeader[] = [];
    for await (const tuple of listing) headers.push(headerOfTuple(query, tuple));
    const inside = headers.filter(({ seq }) => seq > afterSeq);
    yield* (order === 'asc' ? inside.reverse() : inside).slice(0, limit);
  }

  async deleteThread(threadId: string): Promise<void> {
    await this.#peer.saver.deleteThread(threadId);
  }

  // biome-ignore lint/correctness/useYield: there is nothing to yield.
  async *listThreads(): AsyncIterable<ThreadSummary> {
    throw new NoSuchNotionError('thread listing');
  }

  copyThread(): Promise<void> {
    return refused('copies');
  }

  prune(): Promise<PruneReport> {
    return refused('pruning');
  }

  acquireLease(): Promise<Lease> {
    return refused('leases');
  }

  renewLease(): Promise<Lease> {
    return refused('leases');
  }

  releaseLease(): Promise<void> {
    return refused('leases');
  }

  /** The checkpoint of this id. Their id begins with its seq: where that is not known it is looked up in the stream. */
  async #find(stream: StreamAddress, checkpointId: string): Promise<CheckpointTuple | undefined> {
    const { saver } = this.#peer;
    const known = this.#ids.get(placeOf(stream, checkpointId));
    if (known !== undefined) return await saver.getTuple(streamConfig(stream, known));
    for await (const tuple of saver.list(streamConfig(stream))) {
      const { checkpointId: met } = headerOfTuple(stream, tuple);
      this.#ids.set(placeOf(stream, met), tuple.checkpoint.id);
      if (met === checkpointId) return await saver.getTuple(streamConfig(stream, tuple.checkpoint.id));
    }
    return undefined;
  }
}

function placeOf({ threadId, namespace }: StreamAddress, checkpointId: string): string {
  return JSON.stringify([threadId, namespace, checkpointId]);
}

/** Channel versions as their loop counts them: whatever changed gets the one after the greatest of the parent's. */
function versionsAfter(
  saver: BaseCheckpointSaver,
  parent: CheckpointTuple | undefined,
  records: readonly ChannelRecord[],
): { readonly all: Map<string, number | string>; readonly changed: Map<string, number | string> } {
  const all = new Map(Object.entries(parent?.checkpoint.channel_versions ?? {}));
  const greatest = all.size === 0 ? undefined : maxChannelVersion(...all.values());
  // Numbers, as all three savers count; the declared parameter is that of an implementation with one kind.
  const next = saver.getNextVersion(greatest as number | undefined);
  const changed = new Map(records.map(({ channel }) => [channel, next]));
  for (const [channel, version] of changed) all.set(channel, version);
  return { all, changed };
}

function refused(notion: MissingNotion): Promise<never> {
  return Promise.reject(new NoSuchNotionError(notion));
}
