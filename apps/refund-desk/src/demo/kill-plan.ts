// Decides where the next SIGKILL falls. Each kill is planned from what is left to do, so that all of them find work to interrupt.
import { LEDGER_COMMITTED } from '../graph/crash-points.js';
import type { SaverName } from './demo-options.js';
import { killPoints } from './kill-points.js';
import { chance, chooseBelow } from './seeded.js';

/** One planned kill. */
export interface Kill {
  /** The crash point armed in the worker, with the count at which it kills; undefined: the parent kills from outside. */
  readonly crashAt: string | undefined;
  /** True for a kill between the ledger's commit and the step's record. */
  readonly inTheGap: boolean;
  /** After so many tickets completed the parent kills, whether or not a crash point is armed. */
  readonly patience: number;
}

/** How far the demo is when a kill is planned. */
export interface Outlook {
  readonly saver: SaverName;
  readonly seed: number;
  /** Kills made before this one, and how many of them fell in the gap. */
  readonly made: number;
  readonly madeInTheGap: number;
  readonly wanted: number;
  /** Tickets that are not completed, and refunds that are not in the ledger. */
  readonly ticketsLeft: number;
  readonly refundsLeft: number;
}

const GAP_SHARE = 0.3;
/** So few may all be made before the next kill. */
const FEW_REFUNDS = 16;
const FROM_OUTSIDE_SHARE = 0.3;

/** @returns undefined when all kills have been made. */
export function planKill(outlook: Outlook): Kill | undefined {
  const { saver, seed, made, wanted, ticketsLeft, refundsLeft } = outlook;
  if (made >= wanted) return undefined;
  const parts = wanted - made + 1;
  const upTo = (available: number, name: string): number =>
    1 + chooseBelow(Math.max(1, Math.floor((1.6 * available) / parts)), seed, name, made);
  const patience = Math.max(1, Math.ceil((2 * ticketsLeft) / parts));
  if (refundsLeft > 0 && fallsInTheGap(outlook)) {
    return {
      crashAt: `${LEDGER_COMMITTED}#${upTo(refundsLeft, 'refunds')}`,
      inTheGap: true,
      patience: Number.POSITIVE_INFINITY,
    };
  }
  if (chance(seed, 'from outside', made) < FROM_OUTSIDE_SHARE)
    return { crashAt: undefined, inTheGap: false, patience: upTo(ticketsLeft, 'tickets') };
  const points = killPoints(saver);
  const point = points[chooseBelow(points.length, seed, 'point', made)];
  if (point === undefined) return { crashAt: undefined, inTheGap: false, patience };
  return { crashAt: `${point.name}#${upTo(ticketsLeft * point.perTicket, 'hits')}`, inTheGap: false, patience };
}

/** One of the kills of the first half always does, the seed says which, and sooner where refunds are few; of the others about every third. */
function fallsInTheGap({ seed, made, madeInTheGap, wanted, refundsLeft }: Outlook): boolean {
  const mustBy = refundsLeft <= FEW_REFUNDS ? 0 : chooseBelow(Math.ceil(wanted / 2), seed, 'the gap');
  if (madeInTheGap === 0 && made >= mustBy) return true;
  return chance(seed, 'in the gap', made) < GAP_SHARE;
}
