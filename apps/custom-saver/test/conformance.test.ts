/** LevelSaver passes the whole suite: from its sources here, from its build in the processes that the suite kills. */
import { registerConformance } from '@cairn/conformance-tests';
import { describe, it } from 'vitest';
import { harness } from '../harness.mjs';
import { LevelSaver } from '../src/index.js';

registerConformance({ describe, it }, { ...harness, open: async (folder) => new LevelSaver(String(folder)) });
