/** A task with its own input: how a graph fans out over what it finds at run time. */

const brand = Symbol.for('cairn.send');

/**
 * Runs a node in the next superstep with an input of its own, which it gets in place of the state.
 *
 * Returned by conditional edges or named in a `Command`'s `goto`, also several and mixed with node names. Each is a task
 * of its own, with its own id and idempotency keys, also when two go to one node. The input is kept as it is when the
 * task is planned, stored with it, and handed out as state is.
 */
export class Send<const Node extends string = string, const Input = unknown> {
  readonly node: Node;
  readonly input: Input;

  constructor(node: Node, input: Input) {
    this.node = node;
    this.input = input;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** True for a send of any copy of this package. */
export function isSend(value: unknown): value is Send {
  return typeof value === 'object' && value !== null && brand in value;
}
