/** So many are looked through; beyond, they are looked up by hash, which gives each object a hash to carry along. */
const LOOKED_THROUGH = 16;

/** The objects that an encoding has met, numbered in that order. */
export class SeenObjects {
  #first: object[] = [];
  #others: Map<object, number> | undefined;

  /** The object's number; undefined when it is new. */
  numberOf(object: object): number | undefined {
    const number = this.#first.indexOf(object);
    return number < 0 ? this.#others?.get(object) : number;
  }

  add(object: object): void {
    if (this.#first.length < LOOKED_THROUGH) {
      this.#first.push(object);
      return;
    }
    this.#others ??= new Map();
    this.#others.set(object, LOOKED_THROUGH + this.#others.size);
  }

  clear(): void {
    if (this.#first.length > 0) this.#first = [];
    this.#others = undefined;
  }
}
