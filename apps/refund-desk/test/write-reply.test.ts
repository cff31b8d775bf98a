import { describe, expect, it } from 'vitest';
import type { Decision } from '../src/policy/decision.js';
import { writeReply } from '../src/reply/write-reply.js';
import { ticketOf } from './fixtures/ticket-of.js';

const ASKED: Decision = {
  outcome: 'ask-human',
  orderId: 'SH-1',
  amountCents: 12_345,
  items: ['Tern enamel mug'],
  why: '',
};
const bodyOf = (decision: Decision, approved: boolean | null = null, refundId: string | null = null): string =>
  writeReply(ticketOf({}), 'en', { decision, approved, refundId }).body;

describe('the reply', () => {
  it('goes back to the customer, under the subject', () => {
    expect(
      writeReply(ticketOf({ subject: 'Mug' }), 'de', {
        decision: { outcome: 'answer', topic: null },
        approved: null,
        refundId: null,
      }),
    ).toMatchObject({
      to: 'ada@example.com',
      subject: 'Re: Mug',
      body: expect.stringMatching(/^Hello Ada,.*auf Deutsch/s),
    });
  });

  it('names amount, items and refund once money has moved', () => {
    expect(bodyOf({ ...ASKED, outcome: 'refund' }, null, 're_1')).toMatch(
      /€123\.45 for Tern enamel mug \(order SH-1\).*re_1/,
    );
    expect(bodyOf(ASKED, true, 're_1')).toMatch(/€123\.45/);
  });

  it('promises no money that a human refused', () => {
    expect(bodyOf(ASKED, false)).toMatch(/can't refund it/);
    expect(bodyOf(ASKED, false)).not.toMatch(/€/);
  });

  it('says why not, and what else', () => {
    expect(bodyOf({ outcome: 'decline', orderId: 'SH-1', reason: 'not-returnable', rule: 'perishable' })).toMatch(
      /can't take back\. It is food\./,
    );
    expect(bodyOf({ outcome: 'decline', orderId: 'SH-1', reason: 'already-refunded' })).toMatch(
      /SH-1 has been refunded already/,
    );
    expect(bodyOf({ outcome: 'ask-customer', missing: 'order-number' })).toMatch(/Which order/);
  });
});
