// The nodes of a ticket's thread. Each does one thing; what the outside world sees happens in `refund` alone.
import { crashPoint } from '@cairn/checkpoint-core';
import type { NodeOf } from '@cairn/graph-runtime';
import type { Classifier } from '../classify/classification.js';
import type { OrderBook } from '../orders/order-book.js';
import { decide } from '../policy/decide.js';
import type { PaymentProvider } from '../provider/payment-provider.js';
import { writeReply } from '../reply/write-reply.js';
import { LEDGER_COMMITTED } from './crash-points.js';
import { Approval, type DeskState } from './desk-state.js';
import { known, payable } from './known.js';

/** What the nodes work with. */
export interface DeskServices {
  readonly classify: Classifier;
  readonly orders: Pick<OrderBook, 'find'>;
  readonly provider: PaymentProvider;
  /** True leaves the idempotency key out of refunds, to show what it is for. */
  readonly sabotage: boolean;
}

type DeskNode = NodeOf<typeof DeskState>;

export function deskNodes({ classify, orders, provider, sabotage }: DeskServices) {
  const read: DeskNode = async (state, ctx) => ({ facts: await classify(known(state.ticket), ctx.signal) });

  /** In a superstep of its own: a refund made later by this very thread must not look like an earlier one when the thread resumes. */
  const lookup: DeskNode = async (state) => {
    const { orderId } = known(state.facts);
    if (orderId === null) return {};
    const refunds = await provider.refundsOf(orderId);
    return {
      order: orders.find(orderId) ?? null,
      refundedCents: refunds.reduce((sum, refund) => sum + refund.amountCents, 0),
    };
  };

  const policy: DeskNode = ({ ticket, facts, order, refundedCents }) => ({
    decision: decide({ ticket: known(ticket), facts: known(facts), order, refundedCents }),
  });

  const approve: DeskNode = async (state, ctx) => {
    const { orderId, amountCents, items, why } = payable(state.decision, 'ask-human');
    return { approved: await ctx.interrupt(Approval, { orderId, amountCents, items: [...items], why }) };
  };

  const refund: DeskNode = async (state, ctx) => {
    const { orderId, amountCents } = payable(state.decision, 'refund', 'ask-human');
    const idempotencyKey = sabotage ? undefined : ctx.idempotencyKey('refund');
    const refundId = await ctx.step('refund', async () => {
      const answer = await provider.refund({ orderId, amountCents, idempotencyKey });
      crashPoint(LEDGER_COMMITTED);
      return answer.refundId;
    });
    return { refundId };
  };

  const reply: DeskNode = ({ ticket, facts, decision, approved, refundId }) => ({
    reply: writeReply(known(ticket), known(facts).language, { decision: known(decision), approved, refundId }),
  });

  return { classify: read, lookup, policy, approve, refund, reply };
}
