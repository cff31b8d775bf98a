/**
 * How an update gets in: names checked, schemas asked, values copied. What is admitted is the runtime's own, so that
 * nothing its writer does afterwards has an effect.
 */
import { hasCode, quoteId, type UnserializableValueError } from '@cairn/checkpoint-core';
import { InvalidUpdateError, type UpdateErrorDetails } from '../errors/update-errors.js';
import { type Channels, Rejection } from './channel.js';

/** Copies a value through the serializer: lossless, sharing nothing. */
export type Copy = <T>(value: T) => T;

/** An update that was checked and copied, by channel. */
export type AdmittedUpdate = ReadonlyMap<string, unknown>;

/**
 * Checks and copies an update.
 *
 * @param writer - who wrote it, for the error's message.
 * @throws InvalidUpdateError naming channel and path; UnserializableValueError for what can't be kept.
 */
export async function admitUpdate(
  channels: Channels,
  update: unknown,
  copy: Copy,
  writer: UpdateErrorDetails,
): Promise<AdmittedUpdate> {
  if (update === undefined) return new Map();
  if (typeof update !== 'object' || update === null || Array.isArray(update)) {
    throw new InvalidUpdateError(
      `an update is an object of channels, not ${update === null ? 'null' : describe(update)}.`,
      writer,
    );
  }
  const admitted = new Map<string, unknown>();
  for (const [name, written] of Object.entries(update)) {
    if (!Object.hasOwn(channels, name)) throw unknownChannel(channels, name, writer);
    if (written === undefined) continue;
    admitted.set(name, await admitValue(channels, name, written, copy, writer));
  }
  return admitted;
}

async function admitValue(channels: Channels, name: string, written: unknown, copy: Copy, writer: UpdateErrorDetails) {
  try {
    return copy(await channels[name]?.admit(written));
  } catch (error) {
    if (error instanceof Rejection) {
      const path = `${name}${error.path}`;
      throw new InvalidUpdateError(`${path}: ${error.message}`, { ...writer, channel: name, path });
    }
    if (hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE')) throw (error as UnserializableValueError).under(name, name);
    throw new InvalidUpdateError(`the schema of channel ${quoteId(name)} threw.`, {
      ...writer,
      channel: name,
      cause: error,
    });
  }
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
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
