/** Where the built program of other processes lies, seen from the sources and from the build alike. */
import { fileURLToPath } from 'node:url';

export const workerFile = fileURLToPath(new URL('../dist/worker.js', import.meta.url));
