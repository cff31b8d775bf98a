/** The state that scenarios share, and how they look at it. */
import { defineState, list, record, reduce, value } from '@cairn/graph-runtime';

/** One channel of each kind. */
export const Story = defineState({
  name: 'story',
  version: 1,
  channels: {
    log: list<string>(),
    total: reduce(0, (sum: number, add: number) => sum + add),
    topic: value(''),
    facts: record<string>(),
  },
});

/** A node that only says that it ran. */
export const says = (word: string) => () => ({ log: [word] });

interface Seen {
  readonly next: readonly string[];
  readonly checkpointId: string;
  readonly values: { readonly log: readonly string[]; readonly topic: string };
}

interface Told {
  getStateHistory(options: { readonly threadId: string }): AsyncIterable<Seen>;
}

/** A thread state by state, oldest first: its log, and the nodes that are to run. */
export async function states(graph: Told, threadId: string): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const { values, next } of graph.getStateHistory({ threadId }))
    all.unshift(`${values.log.join(' ')} > ${next.join(' ')}`.trim());
  return all;
}

/** The newest checkpoint at which `node` was to run. */
export async function before(graph: Told, threadId: string, node: string): Promise<string> {
  for await (const { checkpointId, next } of graph.getStateHistory({ threadId }))
    if (next.includes(node)) return checkpointId;
  throw new Error(`${node} was never to run.`);
}

/** Where a run stopped. */
export function seen(run: { readonly status: string; readonly values: { readonly log: readonly string[] } }): string {
  return `${run.status}: ${run.values.log.join(' ')}`;
}

/** The code of the error that a call ends with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'no error';
  } catch (error) {
    return String((error as { readonly code?: unknown }).code);
  }
}

/** Throws the first `times` times it is called. */
export function failing(times: number): () => void {
  let calls = 0;
  return () => {
    calls += 1;
    if (calls <= times) throw new Error(`failure ${calls}`);
  };
}
