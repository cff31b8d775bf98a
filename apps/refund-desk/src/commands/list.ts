// `list`: which threads wait for a person, and how many stand where.
import type { ThreadInfo } from '@cairn/checkpoint-core';
import { ApprovalRequest } from '../graph/desk-state.js';
import { money } from '../reply/money.js';
import { type KeptDesk, withKeptDesk } from './kept-desk.js';
import { makeTable } from './make-table.js';

export async function listThreads(folder: string, all: boolean): Promise<void> {
  await withKeptDesk(folder, async (desk) => {
    const threads: ThreadInfo[] = [];
    for await (const thread of desk.checkpointer.listThreads()) threads.push(thread);
    if (all) console.log(allTable(threads));
    const waiting = threads.filter((thread) => thread.status === 'interrupted').map((thread) => thread.threadId);
    if (waiting.length > 0) console.log(await waitingTable(desk, waiting));
    else console.log('No thread waits for you.');
    console.log(countLine(threads.map((thread) => thread.status)));
  });
}

function allTable(threads: readonly ThreadInfo[]): string {
  return makeTable({
    head: ['thread', 'status', 'customer', 'checkpoints', 'last change'],
    rows: threads.map(({ threadId, status, metadata, seq, updatedAt }) => [
      threadId,
      status,
      String(metadata['customer'] ?? ''),
      String(seq ?? ''),
      updatedAt.toISOString(),
    ]),
  });
}

async function waitingTable({ graph }: KeptDesk, threadIds: readonly string[]): Promise<string> {
  const rows: string[][] = [];
  for (const threadId of threadIds) {
    const { interrupts, values } = await graph.getState({ threadId });
    for (const { payload } of interrupts) {
      const { orderId, amountCents, why } = ApprovalRequest.parse(payload);
      rows.push([threadId, values.ticket?.customer.email ?? '', orderId, money(amountCents), why]);
    }
  }
  return makeTable({ head: ['waits for you', 'customer', 'order', 'amount', 'because'], rows });
}

function countLine(statuses: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(', ') || 'The desk has no thread.';
}
