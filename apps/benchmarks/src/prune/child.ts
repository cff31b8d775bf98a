/** The processes at a store that is pruned, each by the name it is started with, and what it tells its parent at the end. */
import { setTimeout as wait } from 'node:timers/promises';
import { Checkpointer, type RetentionReport } from '@cairn/checkpoint-core';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { chatGraph } from '../chat-graph.js';
import { makeStore, valuesAt } from './store.js';

export const keepLast = 10;

/** What a process came to. */
export interface Outcomes {
  readonly make: { readonly threads: number; readonly checkpoints: number; readonly longest: number };
  /** Resident memory in bytes: once the store is open, and the most seen while it was pruned. */
  readonly prune: { readonly report: RetentionReport; readonly atStart: number; readonly peak: number };
  /** Supersteps of the runs that went on meanwhile, and those the store shows. */
  readonly run: { readonly supersteps: number; readonly stored: number };
  readonly check: { readonly faults: readonly string[]; readonly checkpoints: number; readonly wrong: number };
}

export type Part = keyof Outcomes;

const parts: { readonly [Name in Part]: (path: string, checkpoints: number) => Promise<Outcomes[Name]> } = {
  async make(path, checkpoints) {
    // Nobody reads it before it is done.
    const saver = new SqliteSaver({ path, synchronous: 'normal' });
    const made = await makeStore(saver, checkpoints, progress('checkpoints made'));
    await saver.close();
    return made;
  },

  async prune(path) {
    const saver = new SqliteSaver(path);
    const checkpointer = new Checkpointer({ saver });
    await checkpointer.load({ threadId: 'counter' });
    const atStart = process.memoryUsage.rss();
    let peak = atStart;
    const sampling = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 10);
    let dropped = 0;
    const tell = progress('checkpoints dropped');
    const report = await checkpointer.prune({
      retention: { keepLast },
      onThread: (_, { checkpoints }) => {
        dropped += checkpoints;
        tell(dropped);
      },
    });
    clearInterval(sampling);
    await saver.close();
    return { report, atStart, peak };
  },

  /** One run after another on one thread, until the parent says that it is enough. */
  async run(path) {
    const saver = new SqliteSaver(path);
    let isEnough = false;
    process.once('message', () => {
      isEnough = true;
    });
    let supersteps = 0;
    while (!isEnough) {
      const graph = chatGraph(supersteps + 20, (turn) => `turn ${turn}`).compile({ saver });
      const { values } = await graph.invoke({}, { threadId: 'live' });
      supersteps += 20;
      if (values.turns !== supersteps) throw new Error(`The run lost a superstep: ${values.turns} of ${supersteps}.`);
      await wait(5);
    }
    const state = await chatGraph(supersteps, String).compile({ saver }).getState({ threadId: 'live' });
    await saver.close();
    return { supersteps, stored: state?.values.messages.length ?? 0 };
  },

  async check(path) {
    const saver = new SqliteSaver(path);
    const checkpointer = new Checkpointer({ saver });
    const faults: string[] = [];
    for await (const { message } of checkpointer.verify()) faults.push(message);
    let checkpoints = 0;
    let wrong = 0;
    for await (const { threadId } of checkpointer.listThreads()) {
      const kept = await all(checkpointer.infos({ threadId }));
      checkpoints += kept.length;
      if (threadId === 'live') continue;
      if (kept.length !== keepLast) wrong += 1;
      // The newest and the oldest that are left; `verify` has read all.
      for (const checkpointId of [kept.at(0)?.checkpointId, kept.at(-1)?.checkpointId]) {
        const { seq = 0, values } = (await checkpointer.load({ threadId, checkpointId })) ?? {};
        if (JSON.stringify(values) !== JSON.stringify(valuesAt(threadId, seq))) wrong += 1;
      }
    }
    await saver.close();
    return { faults, checkpoints, wrong };
  },
};

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Tells a terminal now and then how far it is. */
function progress(what: string): (count: number) => void {
  let saidAt = performance.now();
  return (count) => {
    if (!process.stderr.isTTY || performance.now() - saidAt < 200) return;
    saidAt = performance.now();
    process.stderr.write(`\r${count} ${what}\u001B[K`);
  };
}

if (process.send) {
  const [part, path, checkpoints] = process.argv.slice(2) as [Part, string, string];
  process.send(await parts[part](path, Number(checkpoints)));
  process.disconnect();
}
