// The one error of the app that is meant for the person at the keyboard: what is wrong and what to do, without a stack.
// Errors of Cairn keep their own types and codes.

/** A fault the user can mend: a bad ticket file, an unknown thread, an option that does not fit. */
export class DeskError extends Error {
  override readonly name = 'DeskError';
}
