/** The lab's list of crash points against the code's: none is forgotten, none is made up. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { crashPoints, firstPoints } from '../src/lab/crash-points.js';

const packages = fileURLToPath(new URL('../../../packages/', import.meta.url));
const sources = globSync('*/src/**/*.ts', { cwd: packages }).map((file) => readFileSync(`${packages}${file}`, 'utf8'));
/** The methods that a saver names its points by, from the type beside them. */
const methodsIn = (source: string): readonly string[] =>
  /type \w*Method =([^;]*);/.exec(source)?.[1]?.match(/[a-z-]+/g) ?? [];

/** Each point as a list of the names it may have. */
const inCode = sources.flatMap((source) =>
  Array.from(source.matchAll(/crashPoint\(['`]([a-z]+):(.*?)['`]\);/g)).map(([, area = '', moment = '']) => {
    const name = `${area}:${moment}`;
    if (!moment.includes('${')) return [name];
    if (moment.startsWith('${method}')) return methodsIn(source).map((method) => name.replace('${method}', method));
    // What the outcome of a task is called.
    return ['finished', 'failed', 'interrupt'].map((kind) => `${area}:${moment.replace(/\$\{.*\}/, kind)}`);
  }),
);

/**
 * A new version of a program takes more than one program: `rolling-deploy.test.ts` of graph-runtime kills there. A repair is
 * no run: `repair.test.ts` of saver-sqlite kills that.
 */
const killedElsewhere = ['runtime:migration-committed', 'repair:quarantined', 'repair:restored'];

it('the lab kills at every crash point that the packages name, and names no other', () => {
  expect(inCode.length).toBeGreaterThan(15);
  for (const names of inCode) expect(names).not.toEqual([]);
  const savers = ['sqlite', 'postgres'] as const;
  const listed = savers.flatMap((saver) => [...crashPoints(saver), ...firstPoints(saver)]).map(({ name }) => name);
  expect([...new Set([...listed, ...killedElsewhere])].sort()).toEqual([...new Set(inCode.flat())].sort());
});

it('no call of crashPoint is written in a way that this test does not read', () => {
  const calls = sources.flatMap((source) => Array.from(source.matchAll(/(?<!function )\bcrashPoint\(/g)));
  expect(inCode.length).toBe(calls.length);
});
