/**
 * How an update gets in: names checked, schemas asked, values copied. What is admitted is the runtime's own, so that
 * nothing its writer does afterwards has an effect.
 */
import { hasCode, quoteId, UnserializableValueError, type ValueKeeper } from '@cairn/checkpoint-core';
import { InvalidUpdateError, type UpdateErrorDetails } from '../errors/update-errors.js';
import { untilAborted } from '../task/until-aborted.js';
import { type Channels, Rejection } from './channel.js';
import { after, inTurn, isPromise, type MaybePromise } from './maybe-promise.js';
import { setOwnField } from './own-field.js';
import { isPlainObject } from './plain-object.js';

/** An update that was checked and kept, by channel. */
export type AdmittedUpdate = Readonly<Record<string, unknown>>;

/**
 * Checks an update and keeps what it holds; returns a promise where a schema has to be waited for.
 *
 * @param writer - who wrote it, for the error's message.
 * @param signal - ends the wait for a schema that takes its time, with its reason.
 * @throws InvalidUpdateError naming channel and path; UnserializableValueError for what can't be kept.
 */
export function admitUpdate(
  channels: Channels,
  update: unknown,
  keeper: ValueKeeper,
  writer: UpdateErrorDetails,
  signal?: AbortSignal,
): MaybePromise<AdmittedUpdate> {
  if (update === undefined) return {};
  if (!isPlainObject(update)) {
    throw new InvalidUpdateError(`an update is a plain object of channels, not ${describe(update)}.`, writer);
  }
  const admitted = {};
  const admit = (name: string): MaybePromise<void> => {
    const written = update[name];
    if (!Object.hasOwn(channels, name)) throw unknownChannel(channels, name, writer);
    if (written === undefined) return;
    const value = admitValue(channels, name, written, keeper, writer);
    if (!isPromise(value)) return setOwnField(admitted, name, value);
    return untilAborted(value, signal).then((waitedFor) => setOwnField(admitted, name, waitedFor));
  };
  return after(inTurn(Object.keys(update), admit), () => admitted);
}

/** The value kept; a promise of it where a schema has to be waited for. */
function admitValue(
  channels: Channels,
  name: string,
  written: unknown,
  keeper: ValueKeeper,
  writer: UpdateErrorDetails,
): unknown {
  const refuse = (error: unknown): never => {
    throw refusalOf(error, name, writer);
  };
  try {
    const checked = channels[name]?.admit(written);
    if (!isPromise(checked)) return keeper.keep(checked);
    return Promise.resolve(checked)
      .then((value) => keeper.keep(value))
      .catch(refuse);
  } catch (error) {
    return refuse(error);
  }
}

function refusalOf(error: unknown, name: string, writer: UpdateErrorDetails): Error {
  if (error instanceof Rejection) {
    const path = `${name}${error.path}`;
    return new InvalidUpdateError(`${path}: ${error.message}`, { ...writer, channel: name, path });
  }
  if (hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE')) {
    const { reason, path } = (error as UnserializableValueError).under(name);
    const { threadId, taskId } = writer;
    return new UnserializableValueError(reason, { threadId, taskId, path, channel: name });
  }
  return new InvalidUpdateError(`the schema of channel ${quoteId(name)} threw.`, {
    ...writer,
    channel: name,
    cause: error,
  });
}

function unknownChannel(channels: Channels, name: string, writer: UpdateErrorDetails): InvalidUpdateError {
  const known = Object.keys(channels).map(quoteId).join(', ');
  return new InvalidUpdateError(`${quoteId(name)} is no channel of the state (it has ${known}).`, {
    ...writer,
    channel: name,
    path: name,
  });
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return 'an array';
  const maker: unknown = Object.getPrototypeOf(value)?.constructor;
  const isNamed = typeof maker === 'function' && maker !== Object && maker.name !== '';
  return isNamed ? `an instance of ${maker.name}` : 'an object with a prototype of its own';
}
