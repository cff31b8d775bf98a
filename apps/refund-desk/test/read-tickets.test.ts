import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lanesOf } from '../src/tickets/lanes.js';
import { readTickets } from '../src/tickets/read-tickets.js';

const folder = mkdtempSync(join(tmpdir(), 'tickets-'));
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = { id: 't-1', receivedAt: '2026-10-01T10:00:00Z', customer: { email: 'Ada@Example.com' }, body: 'Hello' };

function fileOf(...lines: unknown[]): string {
  const path = join(folder, 'tickets.jsonl');
  writeFileSync(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return path;
}

describe('a ticket file', () => {
  it('is read in the order the tickets came, with what may be left out filled in', () => {
    const later = { ...GOOD, id: 't-2', receivedAt: '2026-10-02T10:00:00+02:00', channel: 'chat', subject: 'Hi' };
    const tickets = readTickets(fileOf(later, '', GOOD));
    expect(tickets.map((ticket) => ticket.id)).toEqual(['t-1', 't-2']);
    expect(tickets[0]).toMatchObject({
      subject: '',
      channel: 'email',
      customer: { email: 'ada@example.com', name: '' },
    });
  });

  it.each([
    ['text that is not JSON', [GOOD, '{"id": "t-2"'], /line 2: this is not JSON/],
    ['a missing field', [GOOD, { ...GOOD, id: 't-2', body: undefined }], /line 2: body: is missing$/],
    ['a bad mail address', [{ ...GOOD, customer: { email: 'ada' } }], /line 1: customer.email: must be a mail address/],
    ['a bad instant', [{ ...GOOD, receivedAt: 'yesterday' }], /line 1: receivedAt: must be an ISO instant/],
    ['an id used twice', [GOOD, '', GOOD], /line 3: the id "t-1" is taken by line 1/],
    ['a line that is a number', ['7'], /line 1: the line: expected object, received number/],
    ['no ticket at all', ['', ''], /holds no ticket/],
  ])('with %s is refused, naming the line', (_, lines, message) => {
    expect(() => readTickets(fileOf(...lines))).toThrow(message);
  });

  it('that does not exist is refused by its name', () => {
    expect(() => readTickets(join(folder, 'absent.jsonl'))).toThrow(/absent.jsonl can't be read/);
  });
});

describe('lanes', () => {
  it('hold one customer each, in the order the tickets came', () => {
    const by = (id: string, email: string, day: number) => ({
      ...GOOD,
      id,
      customer: { email },
      receivedAt: `2026-10-0${day}T10:00:00Z`,
    });
    const tickets = readTickets(
      fileOf(by('a', 'x@example.com', 2), by('b', 'y@example.com', 3), by('c', 'X@example.com', 1)),
    );
    expect(lanesOf(tickets).map((lane) => lane.map((ticket) => ticket.id))).toEqual([['c', 'a'], ['b']]);
  });
});
