/**
 * What turns values into bytes and back: the place where another format is plugged in.
 *
 * A serializer knows nothing of addresses, checksums, compression or encryption; those wrap its bytes (`seal.ts`).
 */

/**
 * A lossless, self-contained encoding of values. `runSerializerConformance` of `@cairn/conformance-tests` holds one to its laws.
 *
 * It may refuse what it likes but for what core's own rows are made of: null, booleans, finite numbers, well-formed texts,
 * lists and plain objects; deltas are such data around the values in them.
 *
 * **Lossless**: for every value that `encode` accepts, `decode(encode(value))` equals it, identities within the value
 * included.
 * **Honest**: what can't be kept is refused by `encode`, never dropped or approximated.
 * **Self-contained**: each encoding is read on its own, by any instance with the same id and the same registered classes,
 * in any later process.
 * **Safe**: `decode` of any bytes at all gives a value or throws `CorruptCheckpointError`; it runs no code of the user's
 * but that of registered classes, allocates no more than a small multiple of the input, and always ends.
 * **Isolated**: bytes and values share no memory; either may be changed afterwards without effect on the other.
 */
export interface Serializer {
  /**
   * Names the format in every record, so that one thread may hold several and each is read by its own. 1 to 64 printable
   * ASCII characters; never reused for another format.
   */
  readonly id: string;

  /** @throws UnserializableValueError with the path of what can't be kept. */
  encode(value: unknown): Uint8Array;

  /** @throws CorruptCheckpointError when the bytes are not an encoding of this format. */
  decode(bytes: Uint8Array): unknown;
}

/** What is known of a value's containers, and need not be looked for: what they hold that an encoding would lose. */
export interface OwnParts {
  /** Down to which depth lists in lists are arrays without holes, of no class, made for this encoding; the outermost has depth 1. */
  readonly plainLists: number;
  /** True for a kept value: its lists and plain objects have items, or enumerable data under text keys, and nothing beside. */
  readonly kept: boolean;
}

export const nothingOwn: OwnParts = { plainLists: 0, kept: false };
/** Of a kept value, whose parts were looked at when it came in. */
export const allOwn: OwnParts = { plainLists: 0, kept: true };

/** What writes rows. */
export interface RowSerializer extends Serializer {
  /** @param own - what need not be looked at for what would be lost; default nothing. */
  encode(value: unknown, own?: OwnParts): Uint8Array;
}
