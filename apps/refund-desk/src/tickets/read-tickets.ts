// Reads a ticket file (JSON Lines) and says exactly which line is wrong and why.
import { readFileSync } from 'node:fs';
import { DeskError } from '../desk-error.js';
import { type Ticket, TicketSchema } from './ticket.js';

/**
 * Reads all tickets of a file, in the order they were received.
 *
 * @param path - a UTF-8 file with one JSON object a line; blank lines are allowed.
 * @throws DeskError naming the file, the line and the field when a line is not a ticket, when an id occurs twice, or when there is no ticket at all.
 */
export function readTickets(path: string): Ticket[] {
  const lineOfId = new Map<string, number>();
  const tickets: Ticket[] = [];
  for (const [index, line] of readLines(path).entries()) {
    if (line.trim() === '') continue;
    const where = `${path}, line ${index + 1}`;
    const ticket = parseTicket(line, where);
    const earlier = lineOfId.get(ticket.id);
    if (earlier !== undefined)
      throw new DeskError(
        `${where}: the id "${ticket.id}" is taken by line ${earlier}. Every ticket needs an id of its own.`,
      );
    lineOfId.set(ticket.id, index + 1);
    tickets.push(ticket);
  }
  if (tickets.length === 0)
    throw new DeskError(`${path} holds no ticket. It should have one JSON object a line; see data/tickets.jsonl.`);
  return tickets.sort((a, b) => Date.parse(a.receivedAt) - Date.parse(b.receivedAt));
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
  } catch (cause) {
    throw new DeskError(`The ticket file ${path} can't be read: ${(cause as Error).message}`, { cause });
  }
}

function parseTicket(line: string, where: string): Ticket {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch (cause) {
    throw new DeskError(`${where}: this is not JSON (${(cause as Error).message}).`, { cause });
  }
  const parsed = TicketSchema.safeParse(data, { reportInput: true });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the line'}: ${faultOf(issue)}`);
  throw new DeskError(`${where}: ${faults.join('; ')}`);
}

function faultOf({ input, message }: { readonly input?: unknown; readonly message: string }): string {
  return input === undefined ? 'is missing' : message.replace(/^Invalid \w+: /, '');
}
