/** A `Send` as it is stored: the input is the runtime's own copy from here on. */
import {
  type ErrorDetails,
  hasCode,
  quoteId,
  UnserializableValueError,
  type ValueKeeper,
} from '@cairn/checkpoint-core';
import { UnknownTargetError } from '../errors/graph-errors.js';
import { END, START } from '../graph/names.js';
import type { Send } from '../graph/send.js';
import type { StoredSend } from '../task/write-keys.js';

/**
 * @param from - the node (or START) that sends.
 * @throws UnserializableValueError naming both nodes and the path in the input.
 * @throws UnknownTargetError for START and END, which are no nodes.
 */
export function keepSend({ node, input }: Send, keeper: ValueKeeper, from: string, details: ErrorDetails): StoredSend {
  if (node === START || node === END)
    throw new UnknownTargetError(from, node, [], 'A Send names a node: to end a path, return END itself.', details);
  try {
    return { node, input: keeper.keep(input) };
  } catch (error) {
    if (!hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE')) throw error;
    const { reason, path } = (error as UnserializableValueError).under('input');
    throw new UnserializableValueError(`${reason} It is sent by ${quoteId(from)} to node ${quoteId(node)}.`, {
      ...details,
      path,
    });
  }
}
