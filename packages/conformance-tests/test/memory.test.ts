/** The reference saver passes the whole suite. */
import { registerConformance } from '@cairn/conformance-tests';
import { describe, it } from 'vitest';
import { harness } from './harnesses/memory.js';

registerConformance({ describe, it }, harness);
