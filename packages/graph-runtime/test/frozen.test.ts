/** A process that is frozen for longer than its lease, and woken: it writes nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, list, START, StateGraph } from '@cairn/graph-runtime';
import { expect, it, onTestFinished } from 'vitest';
import { sharedStores } from './fixtures/shared-stores.js';

const threadId = 't';
const LEASE_MS = 500;

async function frozenRunner(location: string) {
  const script = fileURLToPath(new URL('fixtures/freezable.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, location, String(LEASE_MS)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trim().split('\n')));
  while (!lines.includes('running')) await sleep(5);
  child.kill('SIGSTOP');
  return { child, lines };
}

const cases = sharedStores.flatMap((store) => [
  { store, name: store.name, when: 'and another process has ended the thread', takenUp: true },
  { store, name: store.name, when: 'and nobody has touched the thread', takenUp: false },
]);

it.each(cases)(
  'on $name, a runner that was stopped with SIGSTOP for longer than its lease, $when, can not write after SIGCONT',
  async ({ store, takenUp }) => {
    const location = await store.create();
    const { child, lines } = await frozenRunner(location);
    const saver = store.open(location);
    const graph = new StateGraph(defineState({ name: 'freezable', version: 1, channels: { log: list<string>() } }))
      .addNode('work', () => ({ log: ['recovered'] }))
      .addEdge(START, 'work')
      .addEdge('work', END)
      .compile({ saver });
    const isAbandoned = async () => {
      for await (const thread of graph.listThreads({ status: 'abandoned' })) return thread.threadId === threadId;
      return false;
    };
    expect(await graph.recover()).toEqual([]);
    while (!(await isAbandoned())) await sleep(20);
    if (takenUp) expect(await graph.recover()).toEqual([{ threadId, outcome: 'completed' }]);
    const before = await new Checkpointer({ saver }).read({ threadId, namespace: [] });

    child.kill('SIGCONT');
    child.stdin.write('go on\n');
    await once(child, 'exit');
    expect(lines).toEqual(['running', 'CAIRN_LEASE_LOST']);
    const after = await new Checkpointer({ saver }).read({ threadId, namespace: [] });
    expect([after?.checkpointId, after?.values, after?.writes]).toEqual([
      before?.checkpointId,
      before?.values,
      before?.writes,
    ]);
    expect(after?.values['log']).toEqual(takenUp ? ['input', 'recovered'] : ['input']);
  },
  60_000,
);
