/**
 * Notes on objects that are not ours to add properties to, or frozen: private fields, which nobody else sees or copies.
 *
 * A WeakMap would do the same, but the collector visits all of its entries over and over: of objects that live as shortly
 * as an update does, an entry costs many times what the object does.
 */

/** Notes of one kind, at most one on an object. */
export interface Notes<Note> {
  get(object: object): Note | undefined;
  has(object: object): boolean;
  set(object: object, note: Note): void;
}

/** A constructor that makes nothing: what it is handed gets the private fields of the classes below it. */
class Handed {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what it is for.
    return object;
  }
}

export function notes<Note>(): Notes<Note> {
  // To what can't be extended, engines to come add no private field either; a class's instances may have frozen themselves.
  const others = new WeakMap<object, Note>();

  class Noted extends Handed {
    #note: Note;

    constructor(object: object, note: Note) {
      super(object);
      this.#note = note;
    }

    static get(object: object): Note | undefined {
      return #note in object ? object.#note : others.get(object);
    }

    static has(object: object): boolean {
      return #note in object || others.has(object);
    }

    static set(object: object, note: Note): void {
      if (#note in object) object.#note = note;
      else if (Object.isExtensible(object)) new Noted(object, note);
      else others.set(object, note);
    }
  }
  return Noted;
}
