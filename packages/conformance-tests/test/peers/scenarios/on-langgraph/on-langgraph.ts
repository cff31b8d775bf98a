/** What a scenario is on LangGraph.js: the same behaviour through their API, and where its trace is another. */
import {
  Annotation,
  type BaseCheckpointSaver,
  type Command,
  type LangGraphRunnableConfig,
  type StateSnapshot,
} from '@langchain/langgraph';

export interface OnLangGraph {
  /** The trace in the shape of Cairn's. An error of theirs counts as the one that Cairn has at that place. */
  run(kit: PeerKit): Promise<unknown>;
  /** Left out where the trace is Cairn's. */
  readonly differs?: { readonly trace: unknown; readonly because: string };
}

export interface PeerKit {
  readonly checkpointer: BaseCheckpointSaver;
  thread(name?: string): Thread;
}

/** A thread as their calls take it. */
export interface Thread {
  readonly configurable: { readonly thread_id: string };
}

/** The channels that Cairn's scenarios share, in their words. */
export const Story = Annotation.Root({
  log: Annotation<string[]>({ reducer: (old, more) => [...old, ...more], default: () => [] }),
  total: Annotation<number>({ reducer: (sum, add) => sum + add, default: () => 0 }),
  topic: Annotation<string>(),
});

export const says = (word: string) => () => ({ log: [word] });

/** What these helpers need of a compiled graph. */
export interface PeerGraph {
  invoke(input: unknown, config: LangGraphRunnableConfig): Promise<unknown>;
  getState(config: LangGraphRunnableConfig): Promise<StateSnapshot>;
  getStateHistory(config: LangGraphRunnableConfig): AsyncIterable<StateSnapshot>;
}

/** A thread state by state, oldest first. Without `inputs`, checkpoints where only an input waits are left out. */
export async function states(graph: PeerGraph, thread: Thread, { inputs = false } = {}): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const { values, next } of graph.getStateHistory(thread))
    if (inputs || next[0] !== '__start__') all.unshift(`${logOf(values)} > ${[...new Set(next)].join(' ')}`.trim());
  return all;
}

/** The config of the newest checkpoint at which `node` was to run. */
export async function before(graph: PeerGraph, thread: Thread, node: string): Promise<LangGraphRunnableConfig> {
  for await (const { config, next } of graph.getStateHistory(thread)) if (next.includes(node)) return config;
  throw new Error(`${node} was never to run.`);
}

/** Runs a thread, and says where it stopped. */
export async function ran(
  graph: PeerGraph,
  thread: Thread,
  input: Record<string, unknown> | Command | null,
  options: LangGraphRunnableConfig & Record<string, unknown> = {},
): Promise<string> {
  await graph.invoke(input, { ...thread, ...options });
  return seen(await graph.getState(thread));
}

export function seen({ values, next }: StateSnapshot): string {
  return `${next.length === 0 ? 'completed' : 'interrupted'}: ${logOf(values)}`;
}

/** The open questions of a thread. */
export async function open(graph: PeerGraph, thread: Thread) {
  const { tasks } = await graph.getState(thread);
  return tasks.flatMap(({ interrupts }) =>
    interrupts.map(({ id, value }) => ({ id: id ?? '', payload: value as unknown })),
  );
}

/** `code` when the call fails, however their error is called. */
export async function fails(call: Promise<unknown>, code: string): Promise<string> {
  return call.then(
    () => 'no error',
    () => code,
  );
}

function logOf(values: unknown): string {
  return ((values as { readonly log?: readonly string[] }).log ?? []).join(' ');
}
