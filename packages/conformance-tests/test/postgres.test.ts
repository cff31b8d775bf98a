/** PostgresSaver passes the whole suite, on a real server. */
import { registerConformance } from '@cairn/conformance-tests';
import { describe, it } from 'vitest';
import { harness } from './harnesses/postgres.js';

registerConformance({ describe, it }, harness);
