/** Modules of the user's: what a path on the command line brings in. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from './usage-error.js';

/**
 * A module's default export, or what it returns where it is a function.
 *
 * @param missing - what to say when there is no such file.
 * @throws UsageError when there is no such file; what the module throws.
 */
export async function importDefault(path: string, missing: string): Promise<unknown> {
  const file = resolve(path);
  if (!existsSync(file)) throw new UsageError(missing);
  const { default: exported } = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  return typeof exported === 'function' ? await exported() : exported;
}
