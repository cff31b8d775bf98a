// Knows what ought to come out of a demo, before it starts and after.
import { classifyByRules } from '../classify/rules.js';
import { OrderBook } from '../orders/order-book.js';
import { shippedOrders } from '../paths.js';
import type { Ticket } from '../tickets/ticket.js';
import { type Approver, seededApprover } from './approvals.js';
import { chooseLeft } from './choose-left.js';
import type { DemoOptions } from './demo-options.js';
import { type ExpectationOptions, type Expected, expectedOutcomes } from './expectation.js';
import type { ThreadOutcome } from './read-outcomes.js';

export class Judge {
  readonly approver: Approver;
  readonly #tickets: readonly Ticket[];
  readonly #orders = new OrderBook(shippedOrders);

  constructor({ seed, leaveWaiting }: DemoOptions, tickets: readonly Ticket[]) {
    this.#tickets = tickets;
    const asked = this.#outcomes(seededApprover(seed), classifyByRules);
    this.approver = seededApprover(seed, chooseLeft(tickets, asked, leaveWaiting));
  }

  /** How many refunds to expect, as the rules read the tickets: what kills are planned by. */
  get refundsDue(): number {
    const expected = this.#outcomes(this.approver, classifyByRules);
    return [...expected.values()].filter((outcome) => outcome.refundCents !== null).length;
  }

  /**
   * How each ticket should have ended.
   *
   * A model reads as it likes, and what is judged is what the desk made of its reading. The rules always read alike, so they read anew.
   */
  expected(outcomes: ReadonlyMap<string, ThreadOutcome>): Map<string, Expected> {
    return this.#outcomes(this.approver, (ticket) => {
      const facts = outcomes.get(ticket.id)?.values.facts;
      return facts?.by === 'model' ? facts : classifyByRules(ticket);
    });
  }

  close(): void {
    this.#orders.close();
  }

  #outcomes(approver: Approver, factsOf: ExpectationOptions['factsOf']): Map<string, Expected> {
    return expectedOutcomes({ tickets: this.#tickets, orders: this.#orders, factsOf, says: approver.says });
  }
}
