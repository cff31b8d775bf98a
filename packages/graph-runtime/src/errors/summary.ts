/** What a node threw, in one sentence: it may have thrown anything at all, and this must not throw. */
export function summaryOf(thrown: unknown): string {
  const text = textOf(thrown);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  } catch {
    return 'it threw something that can not be printed';
  }
}
