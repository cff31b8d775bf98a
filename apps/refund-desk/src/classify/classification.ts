// What the desk reads out of a ticket, whoever reads it: the embedded rules or a model. The schema also checks a model's answer.
import { z } from 'zod';
import type { Ticket } from '../tickets/ticket.js';

export const KINDS = [
  'return',
  'damaged',
  'wrong-item',
  'not-arrived',
  'cancel',
  'charged-twice',
  'question',
  'unclear',
] as const;
export const TOPICS = ['delivery', 'product', 'invoice', 'address', 'policy', 'other'] as const;
export const LANGUAGES = ['en', 'de', 'fr', 'es'] as const;

/** The facts of a ticket that the policy and the reply rest on. */
export const FactsSchema = z.object({
  kind: z.enum(KINDS),
  /** What a question is about; null for everything else. */
  topic: z.enum(TOPICS).nullable(),
  /** The order number in its one spelling, `SH-` and five digits; null when the ticket names none. */
  orderId: z
    .string()
    .regex(/^SH-\d{5}$/)
    .nullable(),
  /** The words that name the item meant; null leaves it to the ticket's whole text. */
  item: z.string().nullable(),
  language: z.enum(LANGUAGES),
});

export type Facts = z.infer<typeof FactsSchema>;

export interface Classification extends Facts {
  /** Who read the ticket. */
  readonly by: 'rules' | 'model';
  /** Why the rules had to step in for the model, when they had to. */
  readonly note: string | null;
}

/** Never rejects: a ticket that can't be read well is still handled, by simpler means. */
export type Classifier = (ticket: Ticket, signal: AbortSignal) => Promise<Classification>;
