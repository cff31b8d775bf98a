// Writes the reply to a ticket from what was decided and done.
import type { Facts } from '../classify/classification.js';
import type { Decision } from '../policy/decision.js';
import type { Ticket } from '../tickets/ticket.js';
import { ANSWERED, CLOSINGS, DECLINED, EXCLUDED, MISSING, UNCLEAR } from './answers.js';
import { money } from './money.js';

export interface Reply {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

/** How the case ended. */
export interface Outcome {
  readonly decision: Decision;
  /** What the human said, where one was asked. */
  readonly approved: boolean | null;
  /** The provider's number for the refund, where one was made. */
  readonly refundId: string | null;
}

export function writeReply(ticket: Ticket, language: Facts['language'], outcome: Outcome): Reply {
  const greeting = ticket.customer.name === '' ? 'Hello,' : `Hello ${ticket.customer.name},`;
  return {
    to: ticket.customer.email,
    subject: ticket.subject === '' ? 'Your message' : `Re: ${ticket.subject}`,
    body: `${greeting}\n\n${messageOf(outcome)}\n\n${CLOSINGS[language]}`,
  };
}

function messageOf({ decision, approved, refundId }: Outcome): string {
  switch (decision.outcome) {
    case 'answer':
      return decision.topic === null ? UNCLEAR : ANSWERED[decision.topic];
    case 'ask-customer':
      return MISSING[decision.missing];
    case 'decline':
      return [DECLINED[decision.reason](decision.orderId), decision.rule === undefined ? '' : EXCLUDED[decision.rule]]
        .join(' ')
        .trim();
    case 'ask-human':
      if (approved !== true)
        return `A colleague has looked at order ${decision.orderId} and can't refund it. Reply if you see it differently.`;
      return refunded(decision, refundId);
    case 'refund':
      return refunded(decision, refundId);
  }
}

function refunded(
  { orderId, amountCents, items }: { orderId: string; amountCents: number; items: readonly string[] },
  refundId: string | null,
): string {
  return `We have refunded ${money(amountCents)} for ${items.join(', ')} (order ${orderId}). The refund's number is ${refundId ?? 'to follow'}.`;
}
