/** Finding the harness in a module: for the command line, and for other processes. */
import type { ConformanceHarness } from './harness.js';

/**
 * Imports a module and takes its export `harness`, or its default export.
 *
 * @param url - the module's URL, as `import.meta.url` gives it.
 * @throws TypeError when it exports no harness.
 */
export async function importHarness(url: string): Promise<ConformanceHarness> {
  const module = (await import(url)) as { readonly harness?: unknown; readonly default?: unknown };
  const harness = module.harness ?? module.default;
  if (isHarness(harness)) return harness;
  throw new TypeError(`${url} must export \`harness\` with name, createStore, open and destroyStore`);
}

function isHarness(value: unknown): value is ConformanceHarness {
  if (typeof value !== 'object' || value === null) return false;
  const has = (key: string): boolean => typeof Reflect.get(value, key) === 'function';
  return typeof Reflect.get(value, 'name') === 'string' && has('createStore') && has('open') && has('destroyStore');
}
