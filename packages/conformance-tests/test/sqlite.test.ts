/** SqliteSaver passes the whole suite. */
import { registerConformance } from '@cairn/conformance-tests';
import { describe, it } from 'vitest';
import { harness } from './harnesses/sqlite.js';

registerConformance({ describe, it }, harness);
