/** What TypeScript infers from a state's definition: what nodes read, and what they may return. */
import type { Channel, Channels } from './channel.js';
import type { StateDefinition } from './define-state.js';

type Atom = string | number | bigint | boolean | symbol | null | undefined;
/** Objects handed out as they are: their own methods, not their properties, are what they hold. */
type Opaque =
  | Date
  | RegExp
  | URL
  | Error
  | ArrayBuffer
  | ArrayBufferView
  | Promise<unknown>
  | ((...args: never[]) => unknown);
/** A copy of `T`'s public properties fits `T`, unless it is a class with private or protected ones: then only itself does. */
type HidesProperties<T> = { [Key in keyof T]: T[Key] } extends T ? false : true;
type IsAny<T> = 0 extends 1 & T ? true : false;

/**
 * `T` as a node sees it: nothing in it can be assigned to, at any depth. An instance of a class with private members keeps
 * its class, which says itself what can be assigned to.
 */
export type DeepReadonly<T> =
  IsAny<T> extends true
    ? T
    : T extends Atom | Opaque
      ? T
      : T extends ReadonlyMap<infer Key, infer Item>
        ? ReadonlyMap<DeepReadonly<Key>, DeepReadonly<Item>>
        : T extends ReadonlySet<infer Item>
          ? ReadonlySet<DeepReadonly<Item>>
          : T extends object
            ? HidesProperties<T> extends true
              ? T
              : { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
            : T;

export type ValueOf<C> = C extends Channel<infer Value, unknown> ? Value : never;
export type WriteOf<C> = C extends { readonly types?: { readonly update: infer Update } } ? Update : never;

type AdmittedIn<C> = C extends { readonly types?: { readonly admitted: infer Admitted } } ? Admitted : never;

export type ChannelsOf<S> = S extends StateDefinition<infer C> ? C : never;

/** The values of channels, as nodes, routes and callers read them. */
export type ValuesOf<C extends Channels> = { readonly [Name in keyof C]: DeepReadonly<ValueOf<C[Name]>> };

/** An update of channels: each may be left out; `undefined` is left out, too. */
export type UpdatesOf<C extends Channels> = { readonly [Name in keyof C]?: DeepReadonly<WriteOf<C[Name]>> | undefined };

/** An update as its channels took it: what their schemas made of it. */
export type AdmittedOf<C extends Channels> = { readonly [Name in keyof C]?: DeepReadonly<AdmittedIn<C[Name]>> };

/** What a node of the state reads: `StateOf<typeof Desk>`. */
export type StateOf<S extends StateDefinition<Channels>> = ValuesOf<ChannelsOf<S>>;

/** What may be written to the state: `UpdateOf<typeof Desk>`. */
export type UpdateOf<S extends StateDefinition<Channels>> = UpdatesOf<ChannelsOf<S>>;

/** The keys of an update, of any arm of a union of updates, that are no channels. */
type ExtraKeys<Update, C extends Channels> = Update extends unknown ? Exclude<keyof Update, keyof C> : never;

/**
 * `unknown` when an update has no key but channels; else a type that nothing fits, which names the key.
 *
 * TypeScript refuses an extra key only in a fresh literal of an annotated type, never in what a function returns.
 */
export type OnlyChannels<Update, C extends Channels> = [ExtraKeys<Update, C>] extends [never]
  ? unknown
  : { readonly 'not a channel of this state': ExtraKeys<Update, C> };
