/** Short ways to call LangGraph.js's savers, as their own loop calls them. */
import {
  type BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointTuple,
  type emptyCheckpoint,
  uuid6,
} from '@langchain/langgraph-checkpoint';

type Values = ReturnType<typeof emptyCheckpoint>['channel_values'];
type Config = { readonly configurable: Record<string, string> };

export function config(threadId: string, checkpointId?: string): Config {
  const configurable = { thread_id: threadId, checkpoint_ns: '' };
  return { configurable: checkpointId === undefined ? configurable : { ...configurable, checkpoint_id: checkpointId } };
}

/**
 * Puts a checkpoint with these values, all of them of one version.
 *
 * @param parts - the parent's id; an id of its own, where it is not to be a new one; the version its values have.
 * @returns the checkpoint's id.
 */
export async function put(
  saver: BaseCheckpointSaver,
  threadId: string,
  values: Values,
  parts: {
    readonly parent?: string;
    readonly id?: string;
    readonly version?: number;
    readonly metadata?: Record<string, unknown>;
  } = {},
): Promise<string> {
  const { parent, id = uuid6(0), version = 1, metadata = {} } = parts;
  const versions: ChannelVersions = Object.fromEntries(Object.keys(values).map((channel) => [channel, version]));
  const checkpoint: Checkpoint = {
    v: 4,
    id,
    ts: new Date(0).toISOString(),
    channel_values: values,
    channel_versions: versions,
    versions_seen: {},
  };
  const about = { source: 'loop', step: version, parents: {}, ...metadata } as CheckpointMetadata;
  // Their `put` is declared with three parameters in one saver and four in the others.
  const call = saver.put.bind(saver) as (
    ...parts: [Config, Checkpoint, CheckpointMetadata, ChannelVersions]
  ) => Promise<unknown>;
  await call(config(threadId, parent), checkpoint, about, versions);
  return id;
}

export async function valuesOf(saver: BaseCheckpointSaver, threadId: string, checkpointId?: string): Promise<Values> {
  const tuple = await saver.getTuple(config(threadId, checkpointId));
  return tuple?.checkpoint.channel_values ?? {};
}

export async function listed(
  saver: BaseCheckpointSaver,
  threadId: string,
  options: Parameters<BaseCheckpointSaver['list']>[1] = {},
): Promise<CheckpointTuple[]> {
  const tuples: CheckpointTuple[] = [];
  for await (const tuple of saver.list(config(threadId), options)) tuples.push(tuple);
  return tuples;
}

/** What a call says when it fails, in one line; else what it gives. */
export async function saysOf<T>(call: () => Promise<T>): Promise<T | string> {
  try {
    return await call();
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message.split('\n')[0]}`;
  }
}
