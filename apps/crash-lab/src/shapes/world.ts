/** What a graph does to the outside: effects that a ledger remembers, and words to the lab. */
import type { NodeContext } from '@cairn/graph-runtime';

export interface World {
  /** The effect itself happened, whatever becomes of this process. */
  happen(step: string): void;
  /** The step returned: its result is stored. */
  recorded(step: string): void;
  /** A node of the thread began. */
  began(threadId: string): void;
}

/** Runs the task's one effect of this name, as a step. */
export async function effect(world: World, ctx: NodeContext, name: string): Promise<string> {
  const step = `${ctx.taskId} ${name}`;
  await ctx.step(name, () => world.happen(step));
  world.recorded(step);
  return name;
}
