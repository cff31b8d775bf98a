/** What a task wrote, as bytes that have no address yet. */
import { checkTaskId, checkWriteKey } from '../address.js';
import { quoteId } from '../errors/checkpoint-error.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import type { RowCodec } from './row-codec.js';
import type { WriteRequest } from './snapshot.js';

/**
 * Each write's key and encoded value, in the request's order.
 *
 * @throws InvalidAddressError, InvalidArgumentError for ids and keys that can't be, or a key that comes twice.
 * @throws UnserializableValueError with the write's key and path.
 */
export function encodeWrites(codec: RowCodec, request: WriteRequest): readonly (readonly [string, Uint8Array])[] {
  const { base, taskId } = request;
  checkTaskId(taskId);
  const keys = new Set<string>();
  return request.writes.map(({ key, value }) => {
    checkWriteKey(key);
    if (keys.has(key))
      throw new InvalidArgumentError(`Task ${quoteId(taskId)} records ${quoteId(key)} twice in one call.`, base);
    keys.add(key);
    return [key, codec.encode(key, value)] as const;
  });
}
