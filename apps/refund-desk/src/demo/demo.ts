// The demo: runs the desk over all tickets, kills it on the way, and then judges by what is on record whether anything was lost or done twice.
import { readLedger } from '../provider/read-ledger.js';
import { readTickets } from '../tickets/read-tickets.js';
import type { Ticket } from '../tickets/ticket.js';
import { checkInvariants, type Finding } from './check.js';
import { demoFolder } from './demo-folder.js';
import type { DemoOptions } from './demo-options.js';
import type { DemoStore } from './demo-store.js';
import { describeKill } from './describe.js';
import { Judge } from './judge.js';
import { planKill } from './kill-plan.js';
import type { Progress } from './progress.js';
import { openStore } from './store.js';
import type { Figures } from './summary.js';
import { type SuperviseOptions, supervise } from './supervise.js';

export interface DemoReport {
  readonly findings: readonly Finding[];
  readonly figures: Figures;
  /** Threads that failed, with why. */
  readonly failures: ReadonlyMap<string, string>;
  /** Where the files are; undefined when they are gone. */
  readonly kept: string | undefined;
}

/**
 * @param show - makes what shows the progress, given the number of tickets.
 * @throws DeskError when the options name files that can't be used, or the worker breaks down other than by a kill.
 */
export async function runDemo(options: DemoOptions, show: (tickets: number) => Progress): Promise<DemoReport> {
  const folder = demoFolder(options.keep);
  let keep = options.keep !== undefined;
  let store: DemoStore | undefined;
  try {
    const tickets = readTickets(options.tickets);
    const startedAt = performance.now();
    store = await openStore(options, folder.files, tickets);
    const report = await runOn(store, folder.files.ledger, tickets, options, show(tickets.length), startedAt);
    // A run that went wrong leaves its files to be looked at; one that was made to go wrong need not.
    keep ||= !options.sabotage && report.findings.some((finding) => !finding.holds);
    return { ...report, kept: keep ? folder.path : undefined };
  } finally {
    await store?.close(keep);
    if (!keep) folder.clear();
  }
}

async function runOn(
  store: DemoStore,
  ledgerPath: string,
  tickets: readonly Ticket[],
  options: DemoOptions,
  progress: Progress,
  startedAt: number,
): Promise<Omit<DemoReport, 'kept'>> {
  const judge = new Judge(options, tickets);
  const { kills, resumed, failures } = await supervise({
    start: store.start,
    approver: judge.approver,
    nextKill: killsPlanned(options, tickets.length, judge.refundsDue, ledgerPath),
    onProgress: (completed) => progress.show(completed),
    onKill: (made, nth) => progress.say(describeKill(made, nth, options.kills)),
  }).finally(() => progress.end());

  const { outcomes, bytes: bytesStored, integrity: threadsIntegrity } = await store.readBack();
  const ledger = readLedger(ledgerPath);
  const expected = judge.expected(outcomes);
  judge.close();
  const findings = checkInvariants({ expected, outcomes, ledger, kills, killsWanted: options.kills, threadsIntegrity });
  const seconds = (performance.now() - startedAt) / 1_000;
  const figures = { tickets: tickets.length, outcomes, ledger, resumed, bytesStored, kills: kills.length, seconds };
  return { findings, figures, failures };
}

function killsPlanned(
  { saver, seed, kills: wanted }: DemoOptions,
  tickets: number,
  refundsDue: number,
  ledger: string,
): SuperviseOptions['nextKill'] {
  return (kills, completed) =>
    planKill({
      saver,
      seed,
      wanted,
      made: kills.length,
      madeInTheGap: kills.filter((made) => made.kill.inTheGap && !made.fromOutside).length,
      ticketsLeft: tickets - completed.size,
      refundsLeft: refundsDue - readLedger(ledger).refunds.length,
    });
}
