// What the policy can come to. Plain data: it is stored with the thread, shown to people, and turned into a reply.
import type { Facts } from '../classify/classification.js';
import type { ReturnRule } from '../orders/order.js';

export type Decision =
  | {
      readonly outcome: 'refund';
      readonly orderId: string;
      readonly amountCents: number;
      readonly items: readonly string[];
    }
  /** As a refund, but a person decides. */
  | {
      readonly outcome: 'ask-human';
      readonly orderId: string;
      readonly amountCents: number;
      readonly items: readonly string[];
      readonly why: string;
    }
  | {
      readonly outcome: 'decline';
      readonly orderId: string;
      readonly reason: DeclineReason;
      readonly rule?: ReturnRule;
    }
  /** The ticket can't be decided until the customer says more. */
  | { readonly outcome: 'ask-customer'; readonly missing: 'order-number' | 'order-not-found' | 'which-item' }
  | { readonly outcome: 'answer'; readonly topic: Facts['topic'] };

export type DeclineReason =
  | 'already-refunded'
  | 'out-of-window'
  | 'not-returnable'
  | 'not-delivered-yet'
  | 'not-late-yet'
  | 'already-shipped'
  | 'charged-once';
