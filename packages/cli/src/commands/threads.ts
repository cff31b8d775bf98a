/** `cairn threads`: which threads there are, and where they stand. */
import {
  type Checkpointer,
  hasCode,
  type Metadata,
  type ReportedThreadStatus,
  type ThreadsRequest,
} from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import type { CliContext } from '../run-cli.js';
import { age, type CommonOptions, pair, storeCommand, wholeNumber, withStore } from '../store-command.js';

interface Options extends CommonOptions {
  readonly status?: ReportedThreadStatus;
  readonly filter?: Metadata;
  readonly olderThan?: number;
  readonly limit?: number;
}

const statuses: readonly ReportedThreadStatus[] = ['running', 'abandoned', 'interrupted', 'completed', 'failed'];

export function addThreads(program: Command, { terminal, fail }: CliContext): void {
  const command = storeCommand(program, 'threads', 'list threads');
  command
    .addOption(command.createOption('--status <status>', 'only those that are so').choices(statuses))
    .option('--filter <key=value>', 'only those with this metadata; may be repeated', pair)
    .option('--older-than <age>', 'only those that nothing was written to for so long: hours, or days as in 30d', age)
    .option('--limit <count>', 'at most so many', wholeNumber)
    .action(async (store: string, { status, filter, olderThan, limit, ...common }: Options) =>
      withStore(terminal, store, common, async ({ checkpointer }, printer) => {
        const updatedBefore = olderThan === undefined ? undefined : new Date(Date.now() - olderThan);
        const damaged: string[] = [];
        const locked = new Map<string, string[]>();
        const onUnreadable: ThreadsRequest['onUnreadable'] = (threadId, error) => {
          if (hasCode(error, 'CAIRN_CORRUPT_CHECKPOINT')) damaged.push(threadId);
          else if (hasCode(error, 'CAIRN_KEY_UNAVAILABLE'))
            locked.set(error.message, [...(locked.get(error.message) ?? []), threadId]);
          else throw error;
        };
        const threads = checkpointer.listThreads({ status, filter, limit, updatedBefore, onUnreadable });
        await printer.rows(rowsOf(threads), 'No threads.');
        if (damaged.length > 0) printer.say(`Left out, as they are damaged (see cairn verify): ${damaged.join(', ')}`);
        for (const [why, threadIds] of locked) printer.say(`Left out: ${threadIds.join(', ')}. ${why}`);
        if (damaged.length > 0 || locked.size > 0) fail();
      }),
    );
}

async function* rowsOf(threads: ReturnType<Checkpointer['listThreads']>) {
  for await (const { threadId, status, seq, createdAt, updatedAt, metadata } of threads) {
    yield { thread: threadId, status, seq, created: createdAt, updated: updatedAt, metadata };
  }
}
