// The invariants of the demo: what was stored and paid, against what ought to have been. Each is one readable line, true or not.
import { isDeepStrictEqual } from 'node:util';
import type { LedgerReport } from '../provider/read-ledger.js';
import type { Integrity } from './demo-store.js';
import type { Expected } from './expectation.js';
import type { ThreadOutcome } from './read-outcomes.js';
import type { MadeKill } from './supervise.js';

export interface Finding {
  readonly holds: boolean;
  readonly text: string;
}

export interface Evidence {
  readonly expected: ReadonlyMap<string, Expected>;
  readonly outcomes: ReadonlyMap<string, ThreadOutcome>;
  readonly ledger: LedgerReport;
  readonly killsWanted: number;
  readonly kills: readonly MadeKill[];
  /** What the threads' store says of itself; undefined where it can't be asked. */
  readonly threadsIntegrity: Integrity | undefined;
}

export function checkInvariants(evidence: Evidence): Finding[] {
  return [...checkThreads(evidence), ...checkLedger(evidence), ...checkKills(evidence)];
}

function checkThreads({ expected, outcomes, ledger, threadsIntegrity }: Evidence): Finding[] {
  const unlike = (right: (wanted: Expected, outcome: ThreadOutcome | undefined) => boolean): string[] =>
    [...expected].flatMap(([id, wanted]) => (right(wanted, outcomes.get(id)) ? [] : [id]));
  const refundIds = new Set(ledger.refunds.map((refund) => refund.refundId));
  return [
    finding(
      'every ticket is completed, or waits for you',
      unlike((wanted, outcome) => outcome?.status === (wanted.waits ? 'interrupted' : 'completed')),
    ),
    finding(
      'every completed ticket has its reply',
      unlike((wanted, outcome) => wanted.waits || (outcome?.values.reply ?? null) !== null),
    ),
    finding(
      "every decision is the policy's",
      unlike((wanted, outcome) => isDeepStrictEqual(outcome?.values.decision, wanted.decision)),
    ),
    finding(
      'every approval is what the human said',
      unlike((wanted, outcome) => (outcome?.values.approved ?? null) === wanted.approved),
    ),
    finding(
      'every refund a thread reports is in the ledger, and no other thread reports one',
      unlike((wanted, outcome) => {
        const refundId = outcome?.values.refundId ?? null;
        return wanted.refundCents === null ? refundId === null : refundId !== null && refundIds.has(refundId);
      }),
    ),
    ...(threadsIntegrity === undefined ? [] : [integrity(threadsIntegrity)]),
  ];
}

function checkLedger({ expected, ledger }: Evidence): Finding[] {
  const wanted = new Map<string, number>();
  for (const { decision, refundCents } of expected.values()) {
    if (refundCents !== null && 'orderId' in decision) wanted.set(decision.orderId, refundCents);
  }
  const paid = new Map<string, number>();
  for (const { orderId, amountCents } of ledger.refunds) paid.set(orderId, (paid.get(orderId) ?? 0) + amountCents);
  const wrong = [...new Set([...wanted.keys(), ...paid.keys()])].filter(
    (orderId) => wanted.get(orderId) !== paid.get(orderId),
  );
  return [
    finding(
      'no order is refunded twice',
      ledger.duplicates.map((refund) => refund.orderId),
    ),
    finding('the ledger holds the refunds that are due, to the cent, and no other', wrong),
    {
      holds: ledger.calls === ledger.refunds.length + ledger.repeats,
      text: `every call to the provider made a refund or was answered by its key: ${ledger.calls} = ${ledger.refunds.length} + ${ledger.repeats}`,
    },
    integrity({ passes: "the ledger passes SQLite's integrity check", answer: ledger.integrity }),
  ];
}

function checkKills({ expected, ledger, killsWanted, kills }: Evidence): Finding[] {
  if (killsWanted === 0) return [];
  const inTheGap = kills.filter((made) => made.kill.inTheGap && !made.fromOutside).length;
  const refundsDue = [...expected.values()].some((wanted) => wanted.refundCents !== null);
  return [
    {
      holds: kills.length === killsWanted,
      text: `the worker was killed as often as asked: ${kills.length} of ${killsWanted}`,
    },
    refundsDue
      ? {
          holds: inTheGap > 0,
          text: `at least one kill fell between the ledger's commit and the step's record: ${inTheGap}`,
        }
      : {
          holds: true,
          text: "no refund is due, so no kill could fall between the ledger's commit and the step's record",
        },
    {
      holds: ledger.repeats >= inTheGap,
      text: `no fewer repeats, after all kills, were answered by the key: ${ledger.repeats}`,
    },
  ];
}

const MOST_NAMED = 5;

function finding(text: string, exceptions: readonly string[]): Finding {
  if (exceptions.length === 0) return { holds: true, text };
  const named = exceptions.slice(0, MOST_NAMED).join(', ');
  const more = exceptions.length > MOST_NAMED ? ` and ${exceptions.length - MOST_NAMED} more` : '';
  return { holds: false, text: `${text}; but not ${named}${more}` };
}

function integrity({ passes, answer }: Integrity): Finding {
  return { holds: answer === 'ok', text: answer === 'ok' ? passes : `${passes}; it says: ${answer}` };
}
