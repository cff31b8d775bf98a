/** A graph as a node of another: how state goes in and comes out, and what it keeps between calls. */
import type { Channels } from '../state/channel.js';
import type { OnlyChannels, ValueOf, ValuesOf, WriteOf } from '../state/types.js';
import type { InputOptions, NodeOptions } from './node.js';

/** Options of a node that is a graph. */
export interface SubgraphOptions extends Pick<NodeOptions, 'retry' | 'timeoutMs'> {
  /**
   * Whether the sub-graph goes on, each time its node runs, with the state that it left off with. Default false: it begins
   * anew each time, so that loops and sends don't see one another.
   */
  readonly remembers?: boolean | undefined;
}

/** What the sub-graph is given: an update of its own state, made from the node's state or a `Send`'s input. */
export type InputMapping<CC extends Channels, Input, In> = ((state: Input) => In | Promise<In>) & OnlyChannels<In, CC>;
/** What the node returns: an update of the outer state, made from the sub-graph's final one. */
export type OutputMapping<C extends Channels, CC extends Channels, Out> = ((
  result: ValuesOf<CC>,
) => Out | Promise<Out>) &
  OnlyChannels<Out, C>;

/** Options with both mappings: for graphs of any shape. */
export interface MappedSubgraphOptions<C extends Channels, CC extends Channels, Input, In, Out>
  extends SubgraphOptions,
    Pick<InputOptions<NoInfer<Input>, C>, 'fallback'> {
  readonly input: InputMapping<CC, Input, In>;
  readonly output: OutputMapping<C, CC, Out>;
}

/**
 * Options without mappings, for a sub-graph whose channels are all the outer graph's, too. It begins with the outer values
 * of its channels; what it changes in them is changed outside: items appended, keys set or deleted, values replaced. A
 * channel that it leaves as it was is not written. `reduce` channels can't be carried over so, nor can a sub-graph that
 * remembers.
 */
export interface SharedSubgraphOptions<C extends Channels, CC extends Channels, Input, In, Out>
  extends SubgraphOptions,
    Pick<InputOptions<NoInfer<Input>, C>, 'fallback'> {
  readonly input?: InputMapping<CC, Input, In> | undefined;
  readonly output?: OutputMapping<C, CC, Out> | undefined;
  readonly remembers?: false | undefined;
}

/** Names of channels that `CC` does not share with `C`: others, or of another type. */
type Unshared<CC extends Channels, C extends Channels> = {
  [Name in keyof CC]: Name extends keyof C
    ? [ValueOf<CC[Name]>, WriteOf<CC[Name]>, ValueOf<C[Name]>, WriteOf<C[Name]>] extends [
        ValueOf<C[Name]>,
        WriteOf<C[Name]>,
        ValueOf<CC[Name]>,
        WriteOf<CC[Name]>,
      ]
      ? never
      : Name
    : Name;
}[keyof CC];

/** `unknown` when a sub-graph needs no mappings, else a type that nothing fits, which names the channels that do. */
export type SharesChannels<CC extends Channels, C extends Channels> = [Unshared<CC, C>] extends [never]
  ? unknown
  : { readonly 'give input and output: channels the outer state does not have': Unshared<CC, C> };
