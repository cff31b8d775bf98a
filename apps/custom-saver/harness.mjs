/**
 * How the conformance suite gets at LevelSaver: a store is a folder. The suite starts processes of its own that import
 * this file, so it is plain JavaScript over the built saver.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LevelSaver } from './dist/index.js';

/** @type {import('@cairn/conformance-tests').ConformanceHarness} */
export const harness = {
  name: 'LevelSaver',
  module: import.meta.url,
  crashPoints: ['level:before-batch', 'level:after-batch'],
  createStore: () => mkdtemp(join(tmpdir(), 'level-saver-')),
  open: async (folder) => new LevelSaver(String(folder)),
  destroyStore: (folder) => rm(String(folder), { recursive: true, force: true }),
};
