/** Results for people, as tables, and for programs, as lines of JSON. */
import { inspect, styleText } from 'node:util';
import Table from 'cli-table3';
import type { Terminal } from './terminal.js';

/** A row by column; for a table each becomes a text. */
export type Row = Readonly<Record<string, unknown>>;

export class Printer {
  readonly #terminal: Terminal;
  readonly #json: boolean;

  constructor(terminal: Terminal, json: boolean) {
    this.#terminal = terminal;
    this.#json = json;
  }

  /** Prints rows as they come: as lines of JSON at once, as a table at the end. */
  async rows(rows: AsyncIterable<Row> | Iterable<Row>, none: string): Promise<number> {
    let count = 0;
    let table: Table.Table | undefined;
    for await (const row of rows) {
      count += 1;
      if (this.#json) {
        this.object(row);
        continue;
      }
      table ??= this.#table(Object.keys(row));
      table.push(Object.values(row).map(toText));
    }
    if (table) this.#terminal.out(`${table.toString()}\n`);
    else if (!this.#json) this.say(none);
    return count;
  }

  /** One object: a line of JSON, or as a person reads it. */
  object(value: Row): void {
    this.#terminal.out(this.#json ? `${JSON.stringify(toJson(value))}\n` : `${this.#inspect(value)}\n`);
  }

  /** A sentence for people: not part of a result in JSON. */
  say(sentence: string): void {
    if (this.#json) this.#terminal.err(`${sentence}\n`);
    else this.#terminal.out(`${sentence}\n`);
  }

  #inspect(value: Row): string {
    return inspect(value, {
      depth: 12,
      colors: this.#terminal.isInteractive,
      maxArrayLength: 200,
      maxStringLength: 2_000,
    });
  }

  #table(columns: readonly string[]): Table.Table {
    const { isInteractive } = this.#terminal;
    return new Table({
      head: columns.map((column) => (isInteractive ? styleText('bold', column) : column)),
      // Plain columns: they can be read, cut and searched alike.
      chars: Object.fromEntries(borders.map((border) => [border, ''])),
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    });
  }
}

const borders = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
];

function toText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(toJson(value)) : String(value);
}

/** What JSON can carry of any value: a Map as its entries, bytes in base64, big numbers as text, a cycle as a word. */
export function toJson(value: unknown, within: readonly object[] = []): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL || value instanceof RegExp) return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (within.includes(value)) return '[circular]';
  const inner = (item: unknown): unknown => toJson(item, [...within, value]);
  if (value instanceof Map) return [...value].map(([key, item]) => [inner(key), inner(item)]);
  if (value instanceof Set) return [...value].map(inner);
  if (Array.isArray(value)) return value.map(inner);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item)]));
}
