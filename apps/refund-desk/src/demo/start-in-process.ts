// Runs the desk inside this process: the only way for a store that dies with its process.
import { Desk } from '../desk/desk.js';
import type { DeskGraph } from '../graph/desk-graph.js';
import type { Ticket } from '../tickets/ticket.js';
import type { DeskEnd, StartDesk } from './running-desk.js';

export function inProcessStarter(graph: DeskGraph, tickets: readonly Ticket[], concurrency: number): StartDesk {
  return (onEvent) => {
    let stop: (end: DeskEnd) => void;
    const stopped = new Promise<DeskEnd>((ended) => {
      stop = ended;
    });
    const desk = new Desk({ graph, tickets, concurrency, onEvent });
    // Not before the caller has what it talks to the desk through.
    setImmediate(() => desk.run().catch((error: Error) => stop({ type: 'broken', message: error.message })));
    return {
      tell: (command) =>
        command.type === 'answer' ? desk.answer(command.threadId, command.answer) : stop({ type: 'stopped' }),
      kill: () => {
        throw new Error("A desk inside this process can't be killed without killing the demo");
      },
      ended: stopped,
    };
  };
}
