/** Vitest's hook before and after a run: lets tests ask for the shared server. */
import { serveShared } from './shared-server.js';

export async function setup(): Promise<() => Promise<void>> {
  return serveShared();
}
