// What ought to come out, worked out without Cairn: the policy applied to one ticket after another, with a plain map for a ledger.
import type { Facts } from '../classify/classification.js';
import type { OrderBook } from '../orders/order-book.js';
import { decide } from '../policy/decide.js';
import type { Decision } from '../policy/decision.js';
import type { Ticket } from '../tickets/ticket.js';

/** How one ticket should end. */
export interface Expected {
  readonly decision: Decision;
  /** What the human says; null when nobody is asked, or the request is left open. */
  readonly approved: boolean | null;
  /** True when the request is left open: the thread should wait, not complete. */
  readonly waits: boolean;
  /** Null when no money moves. */
  readonly refundCents: number | null;
}

export interface ExpectationOptions {
  readonly tickets: readonly Ticket[];
  readonly orders: Pick<OrderBook, 'find'>;
  readonly factsOf: (ticket: Ticket) => Facts;
  readonly says: (threadId: string) => boolean | null;
}

/** @returns how each ticket should end, by its id. */
export function expectedOutcomes({ tickets, orders, factsOf, says }: ExpectationOptions): Map<string, Expected> {
  const refunded = new Map<string, number>();
  return new Map(
    tickets.map((ticket) => {
      const facts = factsOf(ticket);
      const order = facts.orderId === null ? null : (orders.find(facts.orderId) ?? null);
      const decision = decide({ ticket, facts, order, refundedCents: refunded.get(facts.orderId ?? '') ?? 0 });
      const approved = decision.outcome === 'ask-human' ? says(ticket.id) : null;
      const waits = decision.outcome === 'ask-human' && approved === null;
      const pays = decision.outcome === 'refund' || (decision.outcome === 'ask-human' && approved === true);
      if (pays) refunded.set(decision.orderId, decision.amountCents);
      return [ticket.id, { decision, approved, waits, refundCents: pays ? decision.amountCents : null }];
    }),
  );
}
