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

/** What is stored of an error: names and messages only, as what it carries besides may be anything, secrets included. */
export interface ErrorSummary {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
}

export function describeError(error: unknown): ErrorSummary {
  if (!(error instanceof Error)) return { name: 'Error', message: summaryOf(error), code: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, message: error.message, code };
}
