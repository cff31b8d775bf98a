// Tables for the terminal: a box, a head, no lines between rows.
import Table from 'cli-table3';

export interface TableParts {
  readonly head?: string[];
  readonly rows: readonly (readonly string[])[];
  readonly colAligns?: ('left' | 'right')[];
}

export function makeTable({ rows, ...options }: TableParts): string {
  const headLine = options.head === undefined ? {} : { head: options.head };
  const table = new Table({
    ...(options.colAligns === undefined ? {} : { colAligns: options.colAligns }),
    ...headLine,
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
