/**
 * The classes a user has registered: the only code of theirs that encoding and decoding run, found by prototype on the
 * way in and by the registered name on the way out, never by a class's own name.
 */
import { InvalidArgumentError } from '../errors/storage-errors.js';

/**
 * How instances of one class are stored: as data that `toData` gives and `fromData` takes.
 *
 * The name is part of stored data: it stays when the class is renamed. The data may hold anything Cairn can store, other
 * registered instances included, but not lead back to the instance itself.
 */
export interface RegisteredClass<T = unknown> {
  readonly name: string;
  /** Exactly its instances, not those of classes derived from it: register those under a name of their own. */
  readonly class: abstract new (
    ...args: never[]
  ) => T;
  toData(instance: T): unknown;
  /** A new instance. What the data holds of objects around the instance may not be filled in yet: keep it, don't read it. */
  fromData(data: unknown): T;
}

/**
 * Describes a class for a serializer's `classes`; only helps inference.
 *
 * @example
 * registerClass({ name: 'Money', class: Money, toData: (m) => m.cents, fromData: (cents) => new Money(cents as number) })
 */
export function registerClass<T>(registered: RegisteredClass<T>): RegisteredClass<T> {
  return registered;
}

export class ClassRegistry {
  readonly #byPrototype = new Map<object, RegisteredClass>();
  readonly #byName = new Map<string, RegisteredClass>();

  /** @throws InvalidArgumentError for a name or class given twice, and for what is not a class at all. */
  constructor(classes: readonly RegisteredClass[]) {
    for (const registered of classes) this.#add(registered);
  }

  withPrototype(prototype: object): RegisteredClass | undefined {
    return this.#byPrototype.size === 0 ? undefined : this.#byPrototype.get(prototype);
  }

  named(name: string): RegisteredClass | undefined {
    return this.#byName.get(name);
  }

  #add(registered: RegisteredClass): void {
    const { name } = registered;
    if (typeof name !== 'string' || name === '') {
      throw new InvalidArgumentError('A registered class needs a name: a string that is not empty.');
    }
    const prototype: unknown = typeof registered.class === 'function' ? registered.class.prototype : undefined;
    if (typeof prototype !== 'object' || prototype === null) {
      throw new InvalidArgumentError(`The class registered as ${JSON.stringify(name)} is not a class.`);
    }
    if (prototype === Object.prototype || prototype === Array.prototype) {
      throw new InvalidArgumentError(
        `Object and Array can't be registered (as ${JSON.stringify(name)}): they are data.`,
      );
    }
    if (this.#byName.has(name)) {
      throw new InvalidArgumentError(`Two classes are registered as ${JSON.stringify(name)}: give each its own name.`);
    }
    const other = this.#byPrototype.get(prototype);
    if (other) {
      throw new InvalidArgumentError(
        `One class is registered as ${JSON.stringify(other.name)} and as ${JSON.stringify(name)}: keep one of them.`,
      );
    }
    this.#byName.set(name, registered);
    this.#byPrototype.set(prototype, registered);
  }
}
