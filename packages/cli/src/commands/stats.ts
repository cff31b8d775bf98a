/** `cairn stats`: what takes the space, by thread and channel. */
import { counted, type MaintainableSaver, namespaceKey, type RawRecord } from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import { maintainable } from '../open-store.js';
import type { CliContext } from '../run-cli.js';
import { type CommonOptions, storeCommand, wholeNumber, withStore } from '../store-command.js';

interface Options extends CommonOptions {
  readonly top: number;
}

/** What the rows of one kind, or of one channel, hold. */
interface Share {
  readonly what: string;
  rows: number;
  bytes: number;
}

interface ThreadSize {
  readonly threadId: string;
  readonly bytes: number;
  readonly shares: readonly Share[];
}

export function addStats(program: Command, { terminal }: CliContext): void {
  storeCommand(
    program,
    'stats',
    'say what takes the space: the largest threads, by channel; sizes are those of the stored bytes',
  )
    .option('--top <count>', 'so many threads', wholeNumber, 10)
    .action(async (store: string, { top, ...common }: Options) =>
      withStore(terminal, store, common, async ({ saver }, printer) => {
        const { threads, bytes, largest } = await measure(maintainable(saver), top);
        const rows = largest.flatMap(({ threadId, shares }) => shares.map((share) => ({ thread: threadId, ...share })));
        await printer.rows(rows, 'Nothing is stored.');
        printer.say(`${counted(threads, 'thread')}, ${counted(bytes, 'byte')}.`);
      }),
    );
}

/** One pass; of the threads only the largest are kept. */
async function measure(saver: MaintainableSaver, top: number) {
  let [threads, bytes] = [0, 0];
  const largest: ThreadSize[] = [];
  const add = (size: ThreadSize): void => {
    threads += 1;
    bytes += size.bytes;
    largest.push(size);
    largest.sort((a, b) => b.bytes - a.bytes).splice(top);
  };
  let thread: SizedThread | undefined;
  for await (const row of saver.scan()) {
    if (thread?.threadId !== row.threadId) {
      if (thread) add(thread.size());
      thread = new SizedThread(row.threadId);
    }
    thread.add(row);
  }
  if (thread) add(thread.size());
  return { threads, bytes, largest };
}

class SizedThread {
  readonly threadId: string;
  readonly #shares = new Map<string, Share>();

  constructor(threadId: string) {
    this.threadId = threadId;
  }

  add(row: RawRecord): void {
    if (!('bytes' in row)) return;
    const of = row.namespace.length === 0 ? '' : ` of ${namespaceKey(row.namespace)}`;
    const what =
      row.kind === 'record' ? `channel ${row.channel}${of}` : row.kind === 'write' ? 'pending writes' : 'headers';
    const share = this.#shares.get(what) ?? { what, rows: 0, bytes: 0 };
    share.rows += 1;
    share.bytes += row.bytes.length;
    this.#shares.set(what, share);
  }

  size(): ThreadSize {
    const shares = [...this.#shares.values()].sort((a, b) => b.bytes - a.bytes);
    return { threadId: this.threadId, bytes: shares.reduce((sum, { bytes }) => sum + bytes, 0), shares };
  }
}
