/** A node's result that also says where to go. */

const brand = Symbol.for('cairn.command');

/**
 * An update together with where to go next, in addition to the node's edges.
 *
 * The node declares where it may go: `addNode(name, fn, { ends: ['approve', END] })`.
 */
export class Command<const Update = undefined, const Goto extends string = never> {
  readonly update: Update | undefined;
  readonly goto: readonly Goto[];

  constructor(result: { readonly update?: Update; readonly goto?: Goto | readonly Goto[] }) {
    const { update, goto = [] } = result;
    this.update = update;
    this.goto = typeof goto === 'string' ? [goto] : [...goto];
    Object.defineProperty(this, brand, { value: true });
  }
}

/** True for a command of any copy of this package. */
export function isCommand(value: unknown): value is Command<unknown, string> {
  return typeof value === 'object' && value !== null && brand in value;
}
