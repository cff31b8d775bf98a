// What a ticket's thread remembers, and the one question it may ask a person.
import { defineInterrupt, defineState, type StateOf, value } from '@cairn/graph-runtime';
import { z } from 'zod';
import type { Classification } from '../classify/classification.js';
import type { Order } from '../orders/order.js';
import type { Decision } from '../policy/decision.js';
import type { Reply } from '../reply/write-reply.js';
import type { Ticket } from '../tickets/ticket.js';

/** One thread per ticket; each node fills in what it found out. */
export const DeskState = defineState({
  name: 'refund-desk',
  version: 1,
  channels: {
    ticket: value<Ticket | null>(null),
    facts: value<Classification | null>(null),
    order: value<Order | null>(null),
    /** What this desk had refunded on the order before this ticket. */
    refundedCents: value(0),
    decision: value<Decision | null>(null),
    approved: value<boolean | null>(null),
    refundId: value<string | null>(null),
    reply: value<Reply | null>(null),
  },
});

export type DeskValues = StateOf<typeof DeskState>;

export const ApprovalRequest = z.object({
  orderId: z.string(),
  amountCents: z.number().int(),
  items: z.array(z.string()),
  why: z.string(),
});

export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

/** "Refund this much on that order?" */
export const Approval = defineInterrupt({ name: 'approval', payload: ApprovalRequest, answer: z.boolean() });
