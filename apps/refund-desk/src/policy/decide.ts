// The refund policy, from the facts of a case to a decision. Pure: it looks nothing up, and the ticket's own date is its only clock.
import type { Facts } from '../classify/classification.js';
import type { Order, OrderItem } from '../orders/order.js';
import type { Ticket } from '../tickets/ticket.js';
import type { Decision, DeclineReason } from './decision.js';
import { itemsMeant, priceOf } from './items-meant.js';
import { daysBetween, TERMS } from './terms.js';

/** All that a decision rests on. */
export interface Case {
  readonly ticket: Pick<Ticket, 'customer' | 'receivedAt' | 'subject' | 'body'>;
  readonly facts: Pick<Facts, 'kind' | 'topic' | 'orderId' | 'item'>;
  /** The order the ticket names, when there is such an order. */
  readonly order: Order | null;
  /** What this desk itself has refunded on the order so far. */
  readonly refundedCents: number;
}

/** One order is refunded once: whatever is owed on top of an earlier refund is for a person to sort out. */
export function decide({ ticket, facts, order, refundedCents }: Case): Decision {
  if (facts.kind === 'question' || facts.kind === 'unclear') return { outcome: 'answer', topic: facts.topic };
  if (facts.orderId === null) return { outcome: 'ask-customer', missing: 'order-number' };
  // Somebody else's order is answered as if it did not exist: its very existence is none of the customer's business.
  if (order === null || order.customerEmail !== ticket.customer.email)
    return { outcome: 'ask-customer', missing: 'order-not-found' };
  const decline = (reason: DeclineReason): Decision => ({ outcome: 'decline', orderId: order.id, reason });
  if (order.refundedCents + refundedCents > 0) return decline('already-refunded');

  switch (facts.kind) {
    case 'cancel':
      return order.shipment.status === 'preparing' ? pay(order, order.items) : decline('already-shipped');
    case 'charged-twice':
      return order.captures.length > 1
        ? payAmount(order, order.items, order.captures[1] ?? 0)
        : decline('charged-once');
    case 'not-arrived':
      return decideNotArrived(ticket, order, decline);
    case 'return':
    case 'damaged':
    case 'wrong-item':
      return decideComingBack(ticket, facts, order, decline);
  }
}

function decideNotArrived(
  ticket: Case['ticket'],
  order: Order,
  decline: (reason: DeclineReason) => Decision,
): Decision {
  const { status, shippedAt } = order.shipment;
  if (status === 'delivered')
    return askHuman(order, order.items, priceOf(order.items), 'the carrier says the parcel was delivered');
  if (shippedAt === null || daysBetween(shippedAt, ticket.receivedAt) < TERMS.lateAfterDays)
    return decline('not-late-yet');
  return pay(order, order.items);
}

function decideComingBack(
  ticket: Case['ticket'],
  facts: Case['facts'],
  order: Order,
  decline: (reason: DeclineReason) => Decision,
): Decision {
  const { deliveredAt } = order.shipment;
  if (deliveredAt === null) return decline('not-delivered-yet');
  const window = facts.kind === 'return' ? TERMS.returnWindowDays : TERMS.faultWindowDays;
  if (daysBetween(deliveredAt, ticket.receivedAt) > window) return decline('out-of-window');
  const items = itemsMeant(order.items, facts.item ?? `${ticket.subject} ${ticket.body}`);
  if (items.length === 0) return { outcome: 'ask-customer', missing: 'which-item' };
  const excluded = facts.kind === 'return' ? items.find((item) => item.returnRule !== 'returnable') : undefined;
  if (excluded !== undefined)
    return { outcome: 'decline', orderId: order.id, reason: 'not-returnable', rule: excluded.returnRule };
  return pay(order, items);
}

function pay(order: Order, items: readonly OrderItem[]): Decision {
  return payAmount(order, items, priceOf(items));
}

function payAmount(order: Order, items: readonly OrderItem[], amountCents: number): Decision {
  if (amountCents > TERMS.automaticLimitCents)
    return askHuman(order, items, amountCents, 'the amount is above the automatic limit');
  return { outcome: 'refund', orderId: order.id, amountCents, items: items.map((item) => item.name) };
}

function askHuman(order: Order, items: readonly OrderItem[], amountCents: number, why: string): Decision {
  return { outcome: 'ask-human', orderId: order.id, amountCents, items: items.map((item) => item.name), why };
}
