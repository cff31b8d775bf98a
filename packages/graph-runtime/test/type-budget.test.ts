/**
 * What a large graph costs the type checker. Instantiations, not seconds: they are the same on every machine, and grow
 * before an editor becomes slow and before TS2589 ("excessively deep") comes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it, onTestFinished } from 'vitest';

/** Raise it only knowing why. When it was set, sixty nodes took 21,000, and each node more some 300. */
const MOST_INSTANTIATIONS = 30_000;

const folder = fileURLToPath(new URL('.', import.meta.url));

/** A program that builds, runs, streams and reads a chain of nodes over twelve channels. */
function graphOf(nodes: number): string {
  const names = Array.from({ length: nodes }, (_, index) => `node${index}`);
  return [
    `import { Command, defineState, END, list, record, reduce, START, StateGraph, value } from '@cairn/graph-runtime';`,
    `interface Order { readonly id: string; items: { sku: string; tags: Map<string, string[]> }[] }`,
    `const State = defineState({ name: 's', version: 1, channels: {`,
    ...[0, 1, 2].map((n) => `l${n}: list<Order>(), r${n}: record<Order>(), v${n}: value<Order | null>(null),`),
    ...[0, 1, 2].map((n) => `t${n}: reduce(0, (sum: number, add: number) => sum + add),`),
    `} });`,
    `export const graph = new StateGraph(State)`,
    ...names.map((name, index) =>
      index % 5 === 1
        ? `.addNode('${name}', (state) => new Command({ update: { t0: state.t1 }, goto: 'node0' }), { ends: ['node0'] })`
        : `.addNode('${name}', async (state) => ({ t${index % 3}: state.l0.length, v1: state.v0 }))`,
    ),
    `.addEdge(START, 'node0')`,
    ...names.slice(1).map((name, index) => `.addEdge('node${index}', '${name}')`),
    `.addConditionalEdges('node0', (state) => (state.t0 > 1 ? 'node1' : END), ['node1', END])`,
    `.addEdge('node${nodes - 1}', END)`,
    `.compile();`,
    `for await (const event of graph.stream({ t0: 1 }, { mode: ['values', 'updates', 'tasks', 'checkpoints'] }))`,
    `  if (event.mode === 'updates') event.data.update.l0?.[0]?.items;`,
    `export const total: number = (await graph.invoke({ l0: [] })).values.t0;`,
  ].join('\n');
}

function check(code: string): { readonly instantiations: number; readonly errors: readonly string[] } {
  // Beside the tests, so that the workspace's packages and settings are found.
  const place = mkdtempSync(join(folder, 'budget-'));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const file = join(place, 'graph.ts');
  writeFileSync(file, code);
  const settings = ts.readConfigFile(join(folder, '../tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(settings.config, ts.sys, join(folder, '..'));
  const program = ts.createProgram([file], { ...options, noEmit: true, skipLibCheck: true });
  // The file's own errors: the sources it imports are checked by `npm run typecheck`, and not part of what it costs.
  const diagnostics = program.getSemanticDiagnostics(program.getSourceFile(file));
  return {
    instantiations: program.getInstantiationCount(),
    errors: diagnostics.map(
      ({ code, messageText }) => `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    ),
  };
}

it('a graph of sixty nodes stays within its budget of type instantiations', { timeout: 60_000 }, () => {
  const { instantiations, errors } = check(graphOf(60));
  expect(errors).toEqual([]);
  expect(instantiations).toBeLessThan(MOST_INSTANTIATIONS);
});
