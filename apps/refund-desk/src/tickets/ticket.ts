// What a ticket is: the shape of one line of a ticket file.
import { z } from 'zod';

export const TicketSchema = z.object({
  id: z.string().min(1, 'must not be empty').max(200, 'must be at most 200 characters'),
  receivedAt: z.iso.datetime({ offset: true, error: 'must be an ISO instant such as 2026-11-23T09:00:00Z' }),
  channel: z.enum(['email', 'web', 'chat', 'phone']).default('email'),
  customer: z.object({
    email: z.email('must be a mail address').transform((email) => email.toLowerCase()),
    name: z.string().default(''),
  }),
  subject: z.string().default(''),
  body: z.string().max(20_000, 'must be at most 20,000 characters'),
});

/** A customer's message. Its `id` is the id of the thread that handles it. */
export type Ticket = z.infer<typeof TicketSchema>;
