/** Between a run and its reader: holds a few events, and makes the run wait when the reader is slow. */
import { InvalidArgumentError } from '@cairn/checkpoint-core';

type Next<Event> = IteratorResult<Event, undefined>;
type End = { readonly failure: unknown } | 'done';

export class EventBuffer<Event> {
  readonly #limit: number;
  #events: Event[] = [];
  readonly #readers: PromiseWithResolvers<Next<Event>>[] = [];
  #room: PromiseWithResolvers<void> | undefined;
  #end: End | undefined;
  #isRead = false;
  #isDropping = false;

  /** @param limit - at so many unread events whoever adds one is asked to wait. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Somebody begins to read. @throws InvalidArgumentError when somebody has begun before, or events were dropped. */
  read(): void {
    if (this.#isDropping)
      throw new InvalidArgumentError("The stream's events were dropped: its result was awaited, and nobody read them.");
    if (this.#isRead) throw new InvalidArgumentError('The stream has a reader already: read it in one place.');
    this.#isRead = true;
  }

  /** Adds an event. Returns what to wait for before the next one; undefined while there is room. */
  push(event: Event): Promise<void> | undefined {
    if (this.#isDropping) return undefined;
    const reader = this.#readers.shift();
    if (reader) {
      reader.resolve({ done: false, value: event });
      return undefined;
    }
    this.#events.push(event);
    if (this.#events.length < this.#limit) return undefined;
    if (!this.#isRead) {
      this.drop();
      return undefined;
    }
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** The oldest event; waits for one, or for the end, which comes after every event. */
  next(): Promise<Next<Event>> {
    const [event] = this.#events.splice(0, 1);
    const reader = Promise.withResolvers<Next<Event>>();
    if (event !== undefined) {
      if (this.#events.length < this.#limit) this.#makeRoom();
      reader.resolve({ done: false, value: event });
    } else if (this.#end) this.#finish(reader, this.#end);
    else this.#readers.push(reader);
    return reader.promise;
  }

  /** No event comes any more. A failure is thrown after the last one, once: whoever reads on finds the end. */
  end(end: End): void {
    this.#end ??= end;
    this.#makeRoom();
    for (const reader of this.#readers.splice(0)) this.#finish(reader, this.#end);
  }

  /** Nobody reads: what is there and what comes is dropped, and nobody waits. */
  drop(): void {
    this.#isDropping = true;
    this.#events = [];
    this.end('done');
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  #finish(reader: PromiseWithResolvers<Next<Event>>, end: End): void {
    this.#end = 'done';
    if (end === 'done') reader.resolve({ done: true, value: undefined });
    else reader.reject(end.failure);
  }
}
