// The shipped tickets against the labels that their generator knows: the rules and the policy must reach what each story asks for.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classifyByRules } from '../src/classify/rules.js';
import { OrderBook } from '../src/orders/order-book.js';
import { shippedOrders, shippedTickets } from '../src/paths.js';
import { decide } from '../src/policy/decide.js';
import type { Decision } from '../src/policy/decision.js';
import { readTickets } from '../src/tickets/read-tickets.js';

interface Label {
  readonly story: string;
  readonly kind: string;
  readonly orderId: string | null;
  readonly outcome: string;
  readonly amountCents?: number;
}

const labels: Record<string, Label> = JSON.parse(
  readFileSync(new URL('./fixtures/labels.json', import.meta.url), 'utf8'),
);
const tickets = readTickets(shippedTickets);

describe('the shipped tickets', () => {
  it('are many and tell every story', () => {
    expect(tickets.length).toBeGreaterThanOrEqual(240);
    expect(new Set(Object.values(labels).map((label) => label.story)).size).toBeGreaterThanOrEqual(25);
    expect(Object.keys(labels).sort()).toEqual(tickets.map((ticket) => ticket.id).sort());
  });

  it('are all read right by the rules, slips of the finger and other languages included', () => {
    const misread = tickets.flatMap((ticket) => {
      const facts = classifyByRules(ticket);
      const label = labels[ticket.id];
      const right = facts.kind === label?.kind && (facts.orderId === label.orderId || label.kind === 'question');
      return right
        ? []
        : [`${ticket.id} (${label?.story}): ${facts.kind} ${facts.orderId} <- ${ticket.subject} | ${ticket.body}`];
    });
    expect(misread).toEqual([]);
  });

  it('all end as their story asks for, one refund an order', () => {
    const book = new OrderBook(shippedOrders);
    const refunded = new Map<string, number>();
    const wrong = tickets.flatMap((ticket) => {
      const facts = classifyByRules(ticket);
      const order = facts.orderId === null ? null : (book.find(facts.orderId) ?? null);
      const decision = decide({ ticket, facts, order, refundedCents: refunded.get(facts.orderId ?? '') ?? 0 });
      if (decision.outcome === 'refund') refunded.set(decision.orderId, decision.amountCents);
      const label = labels[ticket.id];
      const amountRight = !('amountCents' in decision) || decision.amountCents === label?.amountCents;
      return summary(decision) === label?.outcome && amountRight
        ? []
        : [`${ticket.id} (${label?.story}): ${summary(decision)} ${JSON.stringify(decision)}`];
    });
    book.close();
    expect(wrong).toEqual([]);
  });
});

function summary(decision: Decision): string {
  if (decision.outcome === 'decline') return `decline:${decision.reason}`;
  if (decision.outcome === 'ask-customer') return `ask-customer:${decision.missing}`;
  return decision.outcome;
}
