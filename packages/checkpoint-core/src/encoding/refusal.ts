/**
 * How a value that can't be kept finds its path: a refusal is thrown where the value is met, without one, and each
 * container it passes on its way up adds its step. So paths cost nothing until something is refused.
 */
import { hasCode, quoteId } from '../errors/checkpoint-error.js';
import { UnserializableValueError } from '../errors/encoding-errors.js';

export class Refusal extends Error {
  /** What the value is, and what to do. */
  readonly reason: string;
  readonly #steps: string[] = [];

  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }

  /** The refusal that `thrown` amounts to, seen from one container further up. */
  static under(step: string, thrown: unknown): Refusal {
    const refusal = Refusal.of(thrown);
    refusal.#steps.push(step);
    return refusal;
  }

  /** Whatever else was thrown came out of the value itself: a Proxy's trap, a getter, a class's `toData`. */
  static of(thrown: unknown): Refusal {
    if (thrown instanceof Refusal) return thrown;
    if (isStackOverflow(thrown)) return new Refusal('it is nested too deeply for the stack. Store it flat.', thrown);
    return new Refusal(`reading it threw ${thrownSummary(thrown)}. Store plain data.`, thrown);
  }

  toError(): UnserializableValueError {
    const path = pathOf(this.#steps.reverse());
    const details = { path: path.startsWith('.') ? path.slice(1) : path };
    return new UnserializableValueError(
      this.reason,
      this.cause === undefined ? details : { ...details, cause: this.cause },
    );
  }
}

/** Paths are for people: a very long one shows its beginning and its end. */
function pathOf(steps: readonly string[]): string {
  return steps.length <= 40 ? steps.join('') : `${steps.slice(0, 30).join('')}…${steps.slice(-10).join('')}`;
}

/** The step from an object to the value at one of its keys: `.name`, or `["odd name"]`. */
export function keyStep(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) && key.length <= 200 ? `.${key}` : `[${quoteId(key)}]`;
}

/** What `encode` gives; undefined where the value is refused. */
export function orRefused<T>(encode: () => T): T | undefined {
  try {
    return encode();
  } catch (error) {
    if (hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE')) return undefined;
    throw error;
  }
}

export function isStackOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError && thrown.message.includes('call stack');
}

/** A thrown thing in a few words; must not throw itself, whatever it is. */
export function thrownSummary(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  } catch {
    return 'something that can not be printed';
  }
}
