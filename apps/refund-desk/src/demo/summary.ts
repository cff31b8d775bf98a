// The demo's last word: the table of figures and the list of findings.
import colours from 'picocolors';
import { makeTable } from '../commands/make-table.js';
import type { LedgerReport } from '../provider/read-ledger.js';
import type { Finding } from './check.js';
import type { ThreadOutcome } from './read-outcomes.js';

export interface Figures {
  readonly tickets: number;
  readonly outcomes: ReadonlyMap<string, ThreadOutcome>;
  readonly ledger: LedgerReport;
  readonly resumed: number;
  readonly bytesStored: number;
  readonly kills: number;
  readonly seconds: number;
}

export function summaryTable({ tickets, outcomes, ledger, resumed, bytesStored, kills, seconds }: Figures): string {
  const having = (status: ThreadOutcome['status']) =>
    [...outcomes.values()].filter((outcome) => outcome.status === status).length;
  const waiting = having('interrupted');
  const checkpoints = [...outcomes.values()].reduce((sum, outcome) => sum + outcome.checkpoints, 0);
  const duplicates = ledger.duplicates.length;
  const rows: [string, string][] = [
    ['tickets', count(tickets)],
    ['completed', count(having('completed'))],
    ...(waiting > 0 ? ([['waiting for you', count(waiting)]] satisfies [string, string][]) : []),
    ['provider calls', count(ledger.calls)],
    ['repeats answered by key', count(ledger.repeats)],
    ['refunds', count(ledger.refunds.length)],
    ['duplicates', duplicates === 0 ? colours.green('0') : colours.red(count(duplicates))],
    ['resumed after a crash', count(resumed)],
    ['checkpoints', count(checkpoints)],
    ['bytes stored', count(bytesStored)],
    ['kills', count(kills)],
    ['seconds', seconds.toFixed(1)],
  ];
  return makeTable({ rows, colAligns: ['left', 'right'] });
}

/** What holds, briefly; what does not, each in a line of its own. */
export function findingLines(findings: readonly Finding[]): string[] {
  return findings.map(({ holds, text }) =>
    holds ? `${colours.green('ok')}    ${text}` : `${colours.red('FAIL')}  ${text}`,
  );
}

function count(figure: number): string {
  return figure.toLocaleString('en');
}
