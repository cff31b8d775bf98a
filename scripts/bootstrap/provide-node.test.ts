import { expect, it } from 'vitest';
import { binaries } from './provide-node.mjs';
import { readManifest, root } from './repository.mjs';
import { satisfies } from './version.mjs';

it.each(Object.entries(binaries))('the Node fetched on %s satisfies engines', (_platform, [, version]) => {
  expect(satisfies(version, readManifest(root).engines.node)).toBe(true);
});
