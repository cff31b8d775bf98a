/**
 * What a channel is: an initial value, what it accepts as an update, and how updates are folded in.
 *
 * The four kinds are made by `value`, `list`, `record` and `reduce`; the runtime asks a channel only what stands here.
 */
import type { ValueKeeper } from '@cairn/checkpoint-core';
import type { Schema } from './schema.js';

/** How a channel folds; kept in a graph's description. */
export type ChannelKind = (typeof channelKinds)[number];
export const channelKinds = ['value', 'list', 'record', 'reduce'] as const;

/** A named cell of state: holds a `Value`, is written by an `Update`, which its schema makes an `Admitted` of. */
export interface Channel<Value, Update, Admitted = Update> {
  readonly kind: ChannelKind;
  /** The value before anything was written; the runtime copies it. */
  readonly initial: Value;
  /**
   * What an update amounts to once checked against the channel's schema, where it has one.
   *
   * @throws Rejection when the channel can't take it.
   */
  admit(update: unknown): unknown;
  /**
   * What a whole value amounts to once checked, that a migration made or kept; a `reduce` channel's schema is of updates
   * and says nothing of it.
   *
   * @throws Rejection when the channel can't hold it.
   */
  admitValue(value: unknown): unknown;
  /** Any Standard Schema of an update, an item or an entry. */
  readonly schema?: Schema | undefined;
  /** The value after an admitted update; changes neither argument. What it makes of kept parts, the runtime keeps. */
  fold(current: Value, admitted: unknown, keeper: ValueKeeper): Value;
  /** In types only: what `StateOf` and `UpdateOf` read. */
  readonly types?: { readonly value: Value; readonly update: Update; readonly admitted: Admitted };
}

/** A state's channels by name. */
export type Channels = Readonly<Record<string, Channel<unknown, unknown>>>;

/** Why a channel can't take an update, and where in it; the runtime adds who wrote it. */
export class Rejection extends Error {
  /** Below the channel's name: `[3].text`; empty for the update itself. */
  readonly path: string;

  constructor(reason: string, path = '') {
    super(reason);
    this.path = path;
  }
}
