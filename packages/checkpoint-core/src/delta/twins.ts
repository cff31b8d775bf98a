/**
 * For each of the caller's objects its twin: the kept one that it was last found equal to, or was copied into. The caller's
 * are held weakly.
 */
const twins = new WeakMap<object, object>();
let moves = 0;

export function twinOf(part: object): object | undefined {
  return twins.get(part);
}

/** Notes the twin of an object that is new, or that stands where its twin did. */
export function noteTwin(part: object, kept: object): void {
  twins.set(part, kept);
}

/** Notes the twin of an object wherever it stood before. */
export function moveTwin(part: object, kept: object): void {
  const before = twins.get(part);
  if (before !== undefined && before !== kept) moves++;
  twins.set(part, kept);
}

/** Grows whenever an object's twin has become one that stands elsewhere. */
export function twinMoves(): number {
  return moves;
}
