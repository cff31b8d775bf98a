/** The lab's result as a table, a line for each crash point. */
import type { StoreReport } from './run-store.js';

export function tableOf(reports: readonly StoreReport[]): string {
  const byPoint = Map.groupBy(
    reports.flatMap(({ kills }) => kills),
    ({ at }) => at,
  );
  const rows = [...byPoint]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([at, kills]) => {
      const sum = (of: (kill: (typeof kills)[number]) => number) =>
        String(kills.reduce((total, kill) => total + of(kill), 0));
      return [
        at,
        String(kills.length),
        sum(({ stored }) => stored),
        sum(({ absent }) => absent),
        sum(({ checkpoints }) => checkpoints),
        sum(({ broken }) => broken.length),
      ];
    });
  const head = ['killed at', 'kills', 'stored', 'not stored', 'checkpoints verified', 'broken'];
  const widths = head.map((title, i) => Math.max(...[head, ...rows].map((row) => (row[i] ?? title).length)));
  return [head, ...rows]
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    )
    .join('\n');
}

/** What is broken, with where to look. */
export function faultsOf(reports: readonly StoreReport[]): readonly string[] {
  return reports.flatMap(({ kills, kept }) =>
    kills.flatMap(({ at, broken }) => broken.map((what) => `${at}: ${what} (files in ${kept ?? 'no folder'})`)),
  );
}
