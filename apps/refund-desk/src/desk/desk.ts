// Works through a pile of tickets: lanes side by side, each ticket's thread from wherever the store says it stands.
// There is one desk at a time on a store; whoever starts it has seen the one before end, so it takes over what that one held.
import type { DeskGraph } from '../graph/desk-graph.js';
import { ApprovalRequest } from '../graph/desk-state.js';
import { type Lane, lanesOf } from '../tickets/lanes.js';
import type { Ticket } from '../tickets/ticket.js';
import type { DeskEvent } from './desk-event.js';
import { readStanding, type Standing } from './read-standing.js';
import { Slots } from './slots.js';

export interface DeskOptions {
  readonly graph: DeskGraph;
  readonly tickets: readonly Ticket[];
  /** How many threads advance at once; one that waits for an answer takes no room. */
  readonly concurrency: number;
  readonly onEvent: (event: DeskEvent) => void;
}

type Run = Awaited<ReturnType<DeskGraph['invoke']>>;

export class Desk {
  readonly #options: DeskOptions;
  readonly #slots: Slots;
  readonly #waiting = new Map<string, (answer: boolean) => void>();
  #busyLanes = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#slots = new Slots(options.concurrency);
  }

  /** Resolves when every ticket is completed, or failed and reported so. */
  async run(): Promise<void> {
    const { graph, tickets, onEvent } = this.#options;
    const standings = await readStanding(graph);
    const standingIn = (wanted: Standing) => tickets.flatMap(({ id }) => (standings.get(id) === wanted ? [id] : []));
    onEvent({ type: 'ready', completed: standingIn('completed'), resumed: standingIn('unfinished') });
    const lanes = lanesOf(tickets);
    this.#busyLanes = lanes.length;
    await Promise.all(lanes.map((lane) => this.#runLane(lane, standings)));
    onEvent({ type: 'done' });
  }

  /** Answers a thread that was reported as waiting; an answer that comes twice, or for a thread that does not wait, is passed over. */
  answer(threadId: string, answer: boolean): void {
    this.#waiting.get(threadId)?.(answer);
  }

  async #runLane(lane: Lane, standings: ReadonlyMap<string, Standing>): Promise<void> {
    for (const ticket of lane) {
      try {
        const standing = standings.get(ticket.id);
        if (standing !== 'completed') await this.#finish(ticket, standing);
      } catch (error) {
        // The lane ends here: what its later tickets may ask for depends on how this one ends.
        this.#options.onEvent({
          type: 'failed',
          threadId: ticket.id,
          message: error instanceof Error ? error.message : String(error),
        });
        break;
      }
    }
    this.#leaveWork();
  }

  async #finish(ticket: Ticket, standing: Standing | undefined): Promise<void> {
    const threadId = ticket.id;
    let run = await this.#slots.use(() => this.#advance(ticket, standing));
    while (run.status === 'interrupted') {
      const answer = await this.#answerTo(threadId, run);
      run = await this.#slots.use(() => this.#options.graph.resume({ threadId, answer, onBusy: 'replace' }));
    }
    this.#options.onEvent({ type: 'completed', threadId });
  }

  #advance(ticket: Ticket, standing: Standing | undefined): Promise<Run> {
    const { graph } = this.#options;
    const threadId = ticket.id;
    if (standing !== undefined) return graph.resume({ threadId, onBusy: 'replace' });
    return graph.invoke({ ticket }, { threadId, onBusy: 'replace', metadata: { customer: ticket.customer.email } });
  }

  #answerTo(threadId: string, run: Run): Promise<boolean> {
    return new Promise((answered) => {
      this.#waiting.set(threadId, (answer) => {
        this.#waiting.delete(threadId);
        this.#busyLanes += 1;
        answered(answer);
      });
      this.#options.onEvent({ type: 'waiting', threadId, request: ApprovalRequest.parse(run.interrupts[0]?.payload) });
      this.#leaveWork();
    });
  }

  #leaveWork(): void {
    this.#busyLanes -= 1;
    if (this.#busyLanes === 0 && this.#waiting.size > 0) this.#options.onEvent({ type: 'idle' });
  }
}
