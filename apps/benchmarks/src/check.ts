/** A measured figure beside the bound it is to keep, so that a reader sees at a glance which hold. */

export interface Check {
  readonly name: string;
  readonly measured: number;
  /** Keeps the bound when it is at most, or at least, so much. */
  readonly most?: number;
  readonly least?: number;
  readonly unit: 'MB' | '×';
}

export function holds({ measured, most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY }: Check): boolean {
  return measured <= most && measured >= least;
}

export function describeCheck(check: Check): string {
  const { name, measured, most, least, unit } = check;
  const digits = unit === 'MB' ? 3 : 2;
  const bound = most === undefined ? `at least ${least?.toFixed(digits)}` : `at most ${most.toFixed(digits)}`;
  const figure = `${measured.toFixed(digits)} ${unit}`.padStart(12);
  return `  ${name.padEnd(66)} ${figure}   ${`${bound} ${unit}`.padEnd(19)} ${holds(check) ? 'holds' : 'MISSED'}`;
}
