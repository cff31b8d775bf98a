/**
 * Errors, both ways. A built-in error comes back as one, with all of its own properties: message, stack, cause, errors,
 * and whatever else was put on it.
 *
 * An error of a class that is not registered comes back as the nearest built-in, with the `name` it showed: the data is
 * kept, the class is not. Register the class to keep both.
 */
import { corrupt } from './byte-reader.js';
import type { Decoder } from './decode.js';
import type { Encoder } from './encode.js';
import { keyStep, Refusal } from './refusal.js';
import { keepSparse } from './sparse.js';
import { findStandard } from './standard-prototype.js';
import { Tag } from './tags.js';
import { writeText } from './text.js';

interface ErrorKind {
  readonly prototype: Error;
  make(): Error;
}

/** Not in every Node that Cairn runs on. */
const Suppressed: SuppressedErrorConstructor | undefined = globalThis.SuppressedError;

/** A kind's number in stored data is its place here: append only. */
const kinds: readonly (ErrorKind | undefined)[] = [
  { prototype: Error.prototype, make: () => new Error() },
  { prototype: EvalError.prototype, make: () => new EvalError() },
  { prototype: RangeError.prototype, make: () => new RangeError() },
  { prototype: ReferenceError.prototype, make: () => new ReferenceError() },
  { prototype: SyntaxError.prototype, make: () => new SyntaxError() },
  { prototype: TypeError.prototype, make: () => new TypeError() },
  { prototype: URIError.prototype, make: () => new URIError() },
  { prototype: AggregateError.prototype, make: () => new AggregateError([]) },
  Suppressed && { prototype: Suppressed.prototype, make: () => new Suppressed(undefined, undefined) },
];

/** A DOMException keeps message and name out of sight: they come as two texts before its properties. */
const domExceptionKind = 0xff;

export function writeError(to: Encoder, error: Error): void {
  to.out.byte(Tag.error);
  if (error instanceof DOMException) {
    to.out.byte(domExceptionKind);
    writeText(to.out, error.message);
    writeText(to.out, error.name);
    writeProperties(to, ownProperties(error));
  } else {
    const kind = nearestKind(error);
    to.out.byte(kind);
    const properties = ownProperties(error);
    // Shown by a getter of its class, as zod's errors do, rather than kept as a property of its own.
    for (const key of ['name', 'message'] as const) {
      const isKept = properties.some(([own]) => own === key);
      if (!isKept && error[key] !== kinds[kind]?.prototype[key]) properties.push([key, error[key], true]);
    }
    writeProperties(to, properties);
  }
}

type Property = [key: string, value: unknown, hidden: boolean];

/**
 * The properties an error has itself. Hidden symbols, functions and accessors are how platforms and libraries mark
 * errors for their own use; `structuredClone` drops them, and so does this.
 */
function ownProperties(error: Error): Property[] {
  const properties: Property[] = [];
  for (const key of Reflect.ownKeys(error)) {
    const { value, get, set, enumerable } = Object.getOwnPropertyDescriptor(error, key) ?? {};
    const accessor = get !== undefined || set !== undefined;
    if (key === 'stack') {
      // An accessor of the engine's in newer ones; formatted when first read.
      properties.push([key, error.stack, enumerable !== true]);
    } else if (accessor && (key === 'message' || key === 'name')) {
      // Kept by what it shows: the caller looks whether it is there.
    } else if (enumerable === true) {
      if (typeof key === 'symbol')
        throw new Refusal(`it has a property with the symbol ${String(key)} as key. Use a text.`);
      if (accessor)
        throw Refusal.under(keyStep(key), new Refusal('it is a getter or setter. Store the value it gives.'));
      properties.push([key, value, false]);
    } else if (typeof key === 'string' && !accessor && typeof value !== 'function') {
      properties.push([key, value, true]);
    }
  }
  return properties;
}

function writeProperties(to: Encoder, properties: readonly Property[]): void {
  to.out.varint(properties.length);
  for (const [key, value, hidden] of properties) {
    to.keys.writeKey(key);
    to.out.byte(hidden ? 1 : 0);
    to.child(value, keyStep(key));
  }
}

function nearestKind(error: Error): number {
  for (let at: object | null = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    const kind = findStandard(at, kinds);
    if (kind >= 0) return kind;
  }
  return 0;
}

export function readError(from: Decoder): Error {
  const error = makeError(from);
  from.remember(error);
  for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key);
  for (let left = from.bytes.count(3); left > 0; left--) {
    const key = from.keys.readKey();
    const hidden = from.bytes.byte() === 1;
    if (Number(key) > 0) keepSparse(error);
    Object.defineProperty(error, key, { value: from.value(), writable: true, enumerable: !hidden, configurable: true });
  }
  return error;
}

function makeError(from: Decoder): Error {
  const kind = from.bytes.byte();
  if (kind === domExceptionKind) {
    const message = from.text();
    const name = from.text();
    return withoutStack(() => new DOMException(message, name));
  }
  const error = kinds[kind] && withoutStack(kinds[kind].make);
  if (error === undefined) throw corrupt('an error is of a kind that this platform does not have');
  return error;
}

/** Spares the engine the collecting of a stack that the stored one replaces. */
function withoutStack(make: () => Error): Error {
  const { stackTraceLimit } = Error;
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}
