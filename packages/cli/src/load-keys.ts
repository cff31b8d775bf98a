/** The keys of an encrypted store: from a module, never from the command line itself, which others can see and a shell keeps. */
import type { EncryptionOptions } from '@cairn/checkpoint-core';
import { importDefault } from './import-default.js';
import { UsageError } from './usage-error.js';

/** Names the module where `--keys` does not. */
export const keysVariable = 'CAIRN_KEYS';

/** @throws UsageError when there is no such module, or its default export is no `encryption` option. */
export async function loadKeys(path: string): Promise<EncryptionOptions> {
  const options = await importDefault(path, `There is no module of keys ${path}.`);
  if (isEncryption(options)) return options;
  throw new UsageError(
    `The default export of ${path} is no key ring: make it what a Checkpointer takes as \`encryption\` ` +
      '({ keys, current, indexKey }), or a function that makes that.',
  );
}

/** By its names only: the Checkpointer looks at the keys themselves. */
function isEncryption(value: unknown): value is EncryptionOptions {
  return (
    typeof value === 'object' &&
    value !== null &&
    'keys' in value &&
    typeof value.keys === 'object' &&
    value.keys !== null &&
    'current' in value &&
    'indexKey' in value
  );
}
