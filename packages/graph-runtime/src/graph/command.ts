/** A node's result that also says where to go. */
import { isSend, type Send } from './send.js';

const brand = Symbol.for('cairn.command');

/** Where a command may go: a node or END by name, or a node with an input of its own. */
export type Goto = string | Send<string, unknown>;

/**
 * An update together with where to go next, in addition to the node's edges.
 *
 * The node declares where it may go, also by `Send`: `addNode(name, fn, { ends: ['approve', END] })`.
 */
export class Command<const Update = undefined, const Target extends Goto = never> {
  readonly update: Update | undefined;
  readonly goto: readonly Target[];

  constructor(result: { readonly update?: Update; readonly goto?: Target | readonly Target[] }) {
    const { update, goto = [] } = result;
    this.update = update;
    this.goto = isOne(goto) ? [goto] : [...goto];
    Object.defineProperty(this, brand, { value: true });
  }
}

function isOne<Target extends Goto>(goto: Target | readonly Target[]): goto is Target {
  return typeof goto === 'string' || isSend(goto);
}

/** True for a command of any copy of this package. */
export function isCommand(value: unknown): value is Command<unknown, Goto> {
  return typeof value === 'object' && value !== null && brand in value;
}
