/** As much of PostgreSQL's wire protocol (version 3) as tells one message from the next, and what a statement says. */

/** Cuts a stream of bytes into whole messages, each with its type and length. */
export class MessageSplitter {
  #rest: Buffer = Buffer.alloc(0);
  #hasType: boolean;

  /** @param beginsUntyped - true for what a client sends: its first message has a length and no type. */
  constructor(beginsUntyped: boolean) {
    this.#hasType = !beginsUntyped;
  }

  /** @returns the messages that are whole now; the bytes of the next one are kept. */
  take(chunk: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    for (;;) {
      const lengthAt = this.#hasType ? 1 : 0;
      if (this.#rest.length < lengthAt + 4) return messages;
      const end = lengthAt + this.#rest.readInt32BE(lengthAt);
      if (this.#rest.length < end) return messages;
      messages.push(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
      this.#hasType = true;
    }
  }

  /** What has come of a message that is not whole. */
  get rest(): Buffer {
    return this.#rest;
  }
}

/** The message's type; an empty text for a client's first one, which has none. */
export function typeOf(message: Buffer): string {
  const first = message[0] ?? 0;
  return first === 0 ? '' : String.fromCharCode(first);
}

/** The statement in a Parse (`P`) or Query (`Q`) message; an empty text for any other. */
export function statementOf(message: Buffer): string {
  const type = typeOf(message);
  if (type === 'Q') return message.toString('utf8', 5, message.length - 1);
  if (type !== 'P') return '';
  const start = message.indexOf(0, 5) + 1;
  return message.toString('utf8', start, message.indexOf(0, start));
}
