/** So many are looked through; beyond, they are looked up by hash, which gives each object a hash to carry along. */
const LOOKED_THROUGH = 16;

/** The objects that an encoding has met, numbered in that order. */
export class SeenObjects {
  /** As long as it gets: an array that is made anew for each encoding, and grows, costs more than looking through it. */
  readonly #first: (object | undefined)[] = new Array(LOOKED_THROUGH).fill(undefined);
  #count = 0;
  #others: Map<object, number> | undefined;

  /** The object's number; undefined when it is new. */
  numberOf(object: object): number | undefined {
    const end = Math.min(this.#count, LOOKED_THROUGH);
    for (let i = 0; i < end; i++) if (this.#first[i] === object) return i;
    return this.#others?.get(object);
  }

  add(object: object): void {
    if (this.#count < LOOKED_THROUGH) {
      this.#first[this.#count] = object;
    } else {
      this.#others ??= new Map();
      this.#others.set(object, this.#count);
    }
    this.#count += 1;
  }

  clear(): void {
    for (let i = Math.min(this.#count, LOOKED_THROUGH) - 1; i >= 0; i--) this.#first[i] = undefined;
    this.#count = 0;
    this.#others = undefined;
  }
}
