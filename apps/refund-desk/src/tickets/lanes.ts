// Sorts tickets into lanes: a customer's tickets are handled one after another, those of different customers side by side.
// That is how an order is never refunded twice. Only an order's own customer can get it refunded, so no two tickets that
// could refund one order are ever in flight together, and the later one sees the earlier one's refund when it looks the order up.
import type { Ticket } from './ticket.js';

/** The tickets of one customer, in the order they came. */
export type Lane = readonly Ticket[];

export function lanesOf(tickets: readonly Ticket[]): Lane[] {
  const lanes = new Map<string, Ticket[]>();
  for (const ticket of tickets) {
    const lane = lanes.get(ticket.customer.email);
    if (lane === undefined) lanes.set(ticket.customer.email, [ticket]);
    else lane.push(ticket);
  }
  return [...lanes.values()];
}
