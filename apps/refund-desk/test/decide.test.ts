import { describe, expect, it } from 'vitest';
import type { Order, OrderItem } from '../src/orders/order.js';
import { type Case, decide } from '../src/policy/decide.js';
import { ticketOf } from './fixtures/ticket-of.js';

const MUG: OrderItem = { sku: 'MUG', name: 'Tern enamel mug', quantity: 1, unitCents: 1_500, returnRule: 'returnable' };
const TENT: OrderItem = {
  sku: 'TNT',
  name: 'Ridge two-person tent',
  quantity: 1,
  unitCents: 28_900,
  returnRule: 'returnable',
};
const DELIVERED = {
  status: 'delivered',
  carrier: 'DHL',
  shippedAt: '2026-10-05T12:00:00Z',
  deliveredAt: '2026-10-10T12:00:00Z',
} as const;
const SHIPPED = { ...DELIVERED, status: 'shipped', deliveredAt: null } as const;
const PREPARING = { ...SHIPPED, status: 'preparing', shippedAt: null } as const;

function caseOf(kind: Case['facts']['kind'], order: Partial<Order> | null = {}, rest: Partial<Case> = {}): Case {
  return {
    ticket: ticketOf({ body: 'the enamel mug' }),
    facts: { kind, topic: kind === 'question' ? 'delivery' : null, orderId: 'SH-10001', item: null },
    order: order && {
      id: 'SH-10001',
      customerEmail: 'ada@example.com',
      orderedAt: '2026-10-01T12:00:00Z',
      items: [MUG],
      captures: [1_500],
      refundedCents: 0,
      shipment: DELIVERED,
      ...order,
    },
    refundedCents: 0,
    ...rest,
  };
}

const at = (receivedAt: string) => ({ ticket: ticketOf({ body: 'the enamel mug', receivedAt }) });

describe('the policy', () => {
  it('refunds a return within 30 days of delivery, to the day', () => {
    expect(decide(caseOf('return', {}, at('2026-11-09T12:00:00Z')))).toEqual({
      outcome: 'refund',
      orderId: 'SH-10001',
      amountCents: 1_500,
      items: ['Tern enamel mug'],
    });
    expect(decide(caseOf('return', {}, at('2026-11-09T12:00:01Z')))).toMatchObject({
      outcome: 'decline',
      reason: 'out-of-window',
    });
  });

  it('gives faults 90 days', () => {
    expect(decide(caseOf('damaged', {}, at('2027-01-08T12:00:00Z'))).outcome).toBe('refund');
    expect(decide(caseOf('wrong-item', {}, at('2027-01-08T12:00:01Z')))).toMatchObject({ reason: 'out-of-window' });
  });

  it('asks a human above 100.00, not at it', () => {
    expect(decide(caseOf('return', { items: [{ ...MUG, unitCents: 10_000 }] })).outcome).toBe('refund');
    expect(decide(caseOf('return', { items: [{ ...MUG, unitCents: 10_001 }] }))).toMatchObject({
      outcome: 'ask-human',
      amountCents: 10_001,
    });
  });

  it('takes back no swimsuit that merely does not fit, but a torn one', () => {
    const items: OrderItem[] = [{ ...MUG, returnRule: 'hygiene' }];
    expect(decide(caseOf('return', { items }))).toMatchObject({
      outcome: 'decline',
      reason: 'not-returnable',
      rule: 'hygiene',
    });
    expect(decide(caseOf('damaged', { items })).outcome).toBe('refund');
  });

  it('refunds an order once, whoever made the first refund', () => {
    expect(decide(caseOf('damaged', { refundedCents: 1 }))).toMatchObject({ reason: 'already-refunded' });
    expect(decide(caseOf('damaged', {}, { refundedCents: 1 }))).toMatchObject({ reason: 'already-refunded' });
  });

  it("tells nobody that somebody else's order exists", () => {
    const foreign = decide(caseOf('return', { customerEmail: 'bob@example.com', refundedCents: 1 }));
    expect(foreign).toEqual(decide(caseOf('return', null)));
    expect(foreign).toEqual({ outcome: 'ask-customer', missing: 'order-not-found' });
  });

  it('asks for a missing number before anything else', () => {
    expect(
      decide(caseOf('return', null, { facts: { kind: 'return', topic: null, orderId: null, item: null } })),
    ).toEqual({ outcome: 'ask-customer', missing: 'order-number' });
  });

  it('refunds the item named, and asks which when none is', () => {
    const items = [TENT, { ...MUG, quantity: 2 }];
    expect(decide(caseOf('return', { items }))).toMatchObject({
      outcome: 'refund',
      amountCents: 3_000,
      items: ['Tern enamel mug'],
    });
    expect(decide(caseOf('return', { items }, { ticket: ticketOf({ body: 'one of the things' }) }))).toEqual({
      outcome: 'ask-customer',
      missing: 'which-item',
    });
    const facts = { kind: 'return', topic: null, orderId: 'SH-10001', item: 'the person tent' } as const;
    expect(decide(caseOf('return', { items }, { facts }))).toMatchObject({ outcome: 'ask-human', amountCents: 28_900 });
  });

  it('gives a parcel 14 days, and asks a human when the carrier delivered it', () => {
    expect(decide(caseOf('not-arrived', { shipment: SHIPPED }, at('2026-10-19T11:59:59Z')))).toMatchObject({
      reason: 'not-late-yet',
    });
    expect(decide(caseOf('not-arrived', { shipment: SHIPPED }, at('2026-10-19T12:00:00Z'))).outcome).toBe('refund');
    expect(decide(caseOf('not-arrived'))).toMatchObject({
      outcome: 'ask-human',
      why: expect.stringContaining('carrier'),
    });
    expect(decide(caseOf('not-arrived', { shipment: PREPARING }))).toMatchObject({ reason: 'not-late-yet' });
  });

  it('cancels what has not left', () => {
    expect(decide(caseOf('cancel', { shipment: PREPARING })).outcome).toBe('refund');
    expect(decide(caseOf('cancel', { shipment: SHIPPED }))).toMatchObject({ reason: 'already-shipped' });
  });

  it('takes no return of what has not come', () => {
    expect(decide(caseOf('return', { shipment: SHIPPED }))).toMatchObject({ reason: 'not-delivered-yet' });
  });

  it('gives back a second payment, when there is one', () => {
    expect(decide(caseOf('charged-twice', { captures: [1_500, 1_500] }))).toMatchObject({
      outcome: 'refund',
      amountCents: 1_500,
    });
    expect(decide(caseOf('charged-twice'))).toMatchObject({ reason: 'charged-once' });
  });

  it('answers questions without looking at any order', () => {
    expect(decide(caseOf('question', null))).toEqual({ outcome: 'answer', topic: 'delivery' });
    expect(decide(caseOf('unclear', null))).toEqual({ outcome: 'answer', topic: null });
  });
});
