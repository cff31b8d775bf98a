// Reads from the store where every thread stands: all a desk needs to go on after a crash.
import type { DeskGraph } from '../graph/desk-graph.js';

/** A thread the store does not know has no standing: its ticket is new. */
export type Standing = 'completed' | 'waiting' | 'unfinished';

export async function readStanding(graph: DeskGraph): Promise<Map<string, Standing>> {
  const standings = new Map<string, Standing>();
  for await (const { threadId, status } of graph.listThreads()) {
    // `running` is a thread of a desk that died a moment ago: its lease has not expired yet.
    standings.set(threadId, status === 'completed' ? 'completed' : status === 'interrupted' ? 'waiting' : 'unfinished');
  }
  return standings;
}
