// What differs between two states, leaf by leaf, as lines for people.
import { isDeepStrictEqual } from 'node:util';
import colours from 'picocolors';

type Values = Readonly<Record<string, unknown>>;

const WIDEST = 100;

/** One line for each leaf that is new, gone or another: `+ decision.outcome  "refund"`. */
export function changesBetween(before: Values, after: Values): string[] {
  const old = leavesOf(before);
  const now = leavesOf(after);
  const added = [...now].flatMap(([path, value]) => {
    const was = old.get(path) ?? null;
    if (isDeepStrictEqual(was, value)) return [];
    // Null is a channel's "not yet": leaving it is news, having it is none.
    return [
      was === null
        ? colours.green(`+ ${path}  ${shown(value)}`)
        : colours.yellow(`~ ${path}  ${shown(was)} → ${shown(value)}`),
    ];
  });
  const gone = [...old].flatMap(([path, value]) =>
    now.has(path) || value === null ? [] : [colours.red(`- ${path}  ${shown(value)}`)],
  );
  return [...added, ...gone];
}

function leavesOf(value: unknown, path = '', leaves = new Map<string, unknown>()): Map<string, unknown> {
  const isBranch = value !== null && typeof value === 'object' && (path === '' || Object.keys(value).length > 0);
  if (!isBranch) return leaves.set(path, value);
  for (const [key, part] of Object.entries(value)) {
    const step = Array.isArray(value) ? `[${key}]` : path === '' ? key : `.${key}`;
    leavesOf(part, `${path}${step}`, leaves);
  }
  return leaves;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= WIDEST ? text : `${text.slice(0, WIDEST - 1)}…`;
}
