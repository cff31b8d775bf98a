/** What only some savers can do. */
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { type CheckpointSaver, isMaintainable, type MaintainableSaver } from '../saver.js';

/**
 * The saver, as one that has maintenance methods.
 *
 * @param what - the call that needs them, for the error.
 * @throws InvalidArgumentError when it has none.
 */
export function maintained(saver: CheckpointSaver, what: string): MaintainableSaver {
  if (isMaintainable(saver)) return saver;
  throw new InvalidArgumentError(
    `This saver has no maintenance methods (scan, restore, replace), and ${what} needs them.`,
  );
}
