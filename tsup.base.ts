// The build all published packages share: ESM and CommonJS with types for each, bundled from the entries.
// A package's tsup.config.ts names its entries, and what it takes into its bundle.
import { defineConfig } from 'tsup';

/** @param bundled - dependencies that become part of the build, so that users do not install them; else none does. */
export function library(entry: readonly string[], bundled: readonly string[] = []): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: [...entry],
    noExternal: [...bundled],
    format: ['esm', 'cjs'],
    target: 'node22',
    platform: 'node',
    dts: true,
    sourcemap: true,
    clean: true,
    shims: true,
    // `node:sqlite` and its like exist only under their full names.
    removeNodeProtocol: false,
    tsconfig: 'tsconfig.build.json',
  });
}

/** Apps keep their module layout: a file that is started as a process of its own is found beside its source's path. */
export function app(): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: ['src/**/*.ts'],
    bundle: false,
    splitting: false,
    format: ['esm'],
    target: 'node22',
    platform: 'node',
    removeNodeProtocol: false,
    sourcemap: true,
    clean: true,
    tsconfig: 'tsconfig.build.json',
  });
}
