// The demo's options, checked together: which make sense with which.
import { randomInt } from 'node:crypto';
import { DeskError } from '../desk-error.js';
import { shippedTickets } from '../paths.js';

export const saverNames = ['sqlite', 'postgres', 'memory'] as const;
export type SaverName = (typeof saverNames)[number];

/** As typed on the command line. */
export interface DemoFlags {
  readonly saver: SaverName;
  readonly seed?: number | undefined;
  readonly kills?: number | undefined;
  readonly tickets?: string | undefined;
  /** A folder, or true for the default one. */
  readonly keep?: string | true | undefined;
  readonly leaveWaiting?: number | undefined;
  readonly sabotage?: boolean | undefined;
}

export interface DemoOptions {
  readonly saver: SaverName;
  readonly seed: number;
  readonly kills: number;
  readonly tickets: string;
  readonly keep: string | undefined;
  readonly leaveWaiting: number;
  readonly sabotage: boolean;
}

/** Where kept files go, and where `list`, `show` and `approve` look, unless told otherwise. */
export const KEPT_FOLDER = 'refund-desk-kept';

const SEEDS = 1_000_000;
const KILLS = 3;
const LEFT_IN_KEPT_FILES = 3;

/** @throws DeskError when two options contradict each other. */
export function demoOptions(flags: DemoFlags): DemoOptions {
  const { saver, sabotage = false } = flags;
  if (saver === 'memory' && (flags.kills ?? 0) > 0) {
    throw new DeskError(
      'A memory saver dies with its process, so there is nothing to resume after a kill. Use --saver sqlite or postgres, or --kills 0.',
    );
  }
  if (saver === 'memory' && flags.keep !== undefined)
    throw new DeskError('A memory saver leaves no file to keep. Use --saver sqlite with --keep.');
  const kills = flags.kills ?? (saver === 'memory' ? 0 : KILLS);
  if (sabotage && kills === 0)
    throw new DeskError(
      'Without a kill no call to the provider is repeated, so --sabotage has nothing to show. Use --kills 1 or more.',
    );
  const keep = flags.keep === true ? KEPT_FOLDER : flags.keep;
  if (keep === undefined && (flags.leaveWaiting ?? 0) > 0)
    throw new DeskError('--leave-waiting leaves approvals for you in the kept files; give --keep too.');
  return {
    saver,
    kills,
    sabotage,
    keep,
    seed: flags.seed ?? randomInt(SEEDS),
    tickets: flags.tickets ?? shippedTickets,
    leaveWaiting: flags.leaveWaiting ?? (keep === undefined ? 0 : LEFT_IN_KEPT_FILES),
  };
}
