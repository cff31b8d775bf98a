import { afterAll, describe, expect, it } from 'vitest';
import { classifyByRules } from '../src/classify/rules.js';
import { chooseLeft } from '../src/demo/choose-left.js';
import { expectedOutcomes } from '../src/demo/expectation.js';
import { OrderBook } from '../src/orders/order-book.js';
import { shippedOrders, shippedTickets } from '../src/paths.js';
import { readTickets } from '../src/tickets/read-tickets.js';

const orders = new OrderBook(shippedOrders);
const tickets = readTickets(shippedTickets);
const expectedWhen = (says: (threadId: string) => boolean | null) =>
  expectedOutcomes({ tickets, orders, factsOf: classifyByRules, says });
afterAll(() => orders.close());

describe('what ought to come out of the shipped tickets', () => {
  it('refunds no order twice, although customers ask twice', () => {
    const refunded = [...expectedWhen(() => true).values()].flatMap(({ decision, refundCents }) =>
      refundCents !== null && 'orderId' in decision ? [decision.orderId] : [],
    );
    expect(refunded.length).toBeGreaterThan(120);
    expect(new Set(refunded).size).toBe(refunded.length);
    const again = [...expectedWhen(() => true).values()].filter(
      ({ decision }) => decision.outcome === 'decline' && decision.reason === 'already-refunded',
    );
    expect(again.length).toBeGreaterThan(30);
  });

  it('follows the human: a no leads to no refund, and to the question again when the customer asks again', () => {
    const count = (says: boolean) =>
      [...expectedWhen(() => says).values()].filter(({ decision }) => decision.outcome === 'ask-human').length;
    expect(count(false)).toBeGreaterThan(count(true));
    expect(
      [...expectedWhen(() => false).values()].every(
        ({ decision, refundCents }) => decision.outcome === 'refund' || refundCents === null,
      ),
    ).toBe(true);
  });

  it('lets approvals be left open without holding up another ticket', () => {
    const left = chooseLeft(
      tickets,
      expectedWhen(() => true),
      4,
    );
    expect(left.size).toBe(4);
    const expected = expectedWhen((threadId) => (left.has(threadId) ? null : true));
    expect([...expected].filter(([, { waits }]) => waits).map(([id]) => id)).toEqual([...left]);
    for (const id of left) {
      const at = tickets.findIndex((ticket) => ticket.id === id);
      const email = tickets[at]?.customer.email;
      expect(tickets.slice(at + 1).some((ticket) => ticket.customer.email === email)).toBe(false);
    }
  });
});
