// The sentences of a reply: one for every outcome the policy can come to.
import type { Classification } from '../classify/classification.js';
import type { ReturnRule } from '../orders/order.js';
import type { DeclineReason } from '../policy/decision.js';
import { TERMS } from '../policy/terms.js';

export const DECLINED: Readonly<Record<DeclineReason, (orderId: string) => string>> = {
  'already-refunded': (id) =>
    `Order ${id} has been refunded already. The money can take up to ten days to show on your statement. If more is due to you, reply and a colleague will look at it.`,
  'out-of-window': (id) =>
    `Order ${id} was delivered too long ago. Returns are possible for ${TERMS.returnWindowDays} days, complaints about faults for ${TERMS.faultWindowDays}.`,
  'not-returnable': (id) => `The item from order ${id} is one that we can't take back.`,
  'not-delivered-yet': (id) =>
    `Order ${id} has not been delivered yet. Once it is with you, write again and we will take it from there.`,
  'not-late-yet': (id) =>
    `Order ${id} is on its way. If it has not come ${TERMS.lateAfterDays} days after it was sent, write again and we will refund it.`,
  'already-shipped': (id) =>
    `Order ${id} has left our warehouse, so it can't be cancelled. When it arrives you can return it within ${TERMS.returnWindowDays} days.`,
  'charged-once': (id) =>
    `We found a single payment for order ${id}. A second line on your statement is often a reservation that disappears within a week.`,
};

export const EXCLUDED: Readonly<Record<ReturnRule, string>> = {
  returnable: '',
  hygiene: 'For reasons of hygiene it stays with whoever opened it.',
  personalised: 'It was made for you.',
  'final-sale': 'It was sold as a final sale.',
  perishable: 'It is food.',
};

export const MISSING = {
  'order-number':
    'Which order is it about? The number starts with SH- and is in the subject of the mail that confirmed your order.',
  'order-not-found':
    "We can't find that order under your mail address. Please check the number, and write from the address you ordered with.",
  'which-item': 'Your order has several items. Which one is it about?',
} as const;

export const ANSWERED: Readonly<Record<NonNullable<Classification['topic']>, string>> = {
  delivery:
    'You can follow your parcel with the link in the mail we sent when it left. Most orders arrive within a week.',
  product: 'A colleague who knows the product will answer you by tomorrow.',
  invoice: 'Invoices are in your account under "Orders", as PDF.',
  address:
    'We have passed your new address on to the warehouse. If the parcel has left already, the carrier can redirect it.',
  policy: `You can return most things within ${TERMS.returnWindowDays} days of delivery, and get your money back within ${TERMS.faultWindowDays} days when they are faulty.`,
  other: 'Thank you for writing. A colleague will read this and answer where an answer is due.',
};

export const UNCLEAR = 'We could not make out what we can do for you. Could you write a sentence or two more?';

/** The desk answers in English; a customer who wrote in another language is told that theirs is welcome. */
export const CLOSINGS: Readonly<Record<Classification['language'], string>> = {
  en: 'Your customer desk',
  de: 'Your customer desk (Schreiben Sie uns gern weiter auf Deutsch.)',
  fr: 'Your customer desk (Vous pouvez continuer à nous écrire en français.)',
  es: 'Your customer desk (Puede seguir escribiéndonos en español.)',
};
