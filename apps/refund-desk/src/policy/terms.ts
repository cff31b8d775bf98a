// The shop's terms: the figures the policy applies.

export const TERMS = {
  /** A change of mind, counted from delivery. */
  returnWindowDays: 30,
  /** Damage or a wrong item, counted from delivery. */
  faultWindowDays: 90,
  /** A parcel is given up when it is this long under way. */
  lateAfterDays: 14,
  /** The highest refund that nobody has to look at. */
  automaticLimitCents: 10_000,
} as const;

const DAY_MS = 86_400_000;

export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}
