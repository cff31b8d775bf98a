// The worker process: opens the files it is given, runs the desk, tells its parent what happens and does what it is told.
// It keeps nothing to itself: killed at any instant, the next worker goes on from the store.
import { openSaver, type ThreadStore } from '../threads/thread-store.js';
import { readTickets } from '../tickets/read-tickets.js';
import { Desk } from './desk.js';
import type { DeskCommand, DeskEvent } from './desk-event.js';
import { openDesk } from './open-desk.js';

/** Given as JSON in the first argument. */
export interface WorkerOptions {
  readonly tickets: string;
  readonly threads: ThreadStore;
  readonly ledger: string;
  readonly concurrency: number;
  readonly sabotage: boolean;
}

const { tickets, threads, ledger, concurrency, sabotage }: WorkerOptions = JSON.parse(process.argv[2] ?? '{}');

const { graph, close } = await openDesk({ saver: openSaver(threads), ledger, sabotage });
const desk = new Desk({ graph, tickets: readTickets(tickets), concurrency, onEvent: tell });

const stopped = new Promise<void>((stop) => {
  process.on('message', (command: DeskCommand) => {
    if (command.type === 'answer') desk.answer(command.threadId, command.answer);
    else stop();
  });
});
// A worker whose parent is gone has nobody to answer its questions; what it was about is in the store.
process.on('disconnect', () => process.exit(1));

// Told to stop, it leaves the threads that wait as they are; `done` alone does not end it, so that its parent has the last word.
void desk.run();
await stopped;
await close();
process.exit();

function tell(event: DeskEvent): void {
  process.send?.(event);
}
