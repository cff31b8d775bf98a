/** `cairn check-state`: what CI is to say of a state that changed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runCli } from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'cairn-check-state-'));
const kept = join(folder, 'state.json');
let modules = 0;

afterAll(() => rmSync(folder, { recursive: true }));

/** A module with a graph: of this version, with these channels and nodes. */
function graph(version: number, channels: string, nodes = ['only'], migrations = '{}'): string {
  modules += 1;
  const file = join(folder, `graph-${modules}.mjs`);
  const runtime = new URL('../../graph-runtime/dist/index.js', import.meta.url).href;
  const adds = nodes.map((node) => `.addNode('${node}', () => ({})).addEdge(START, '${node}').addEdge('${node}', END)`);
  writeFileSync(
    file,
    `import { defineState, END, list, START, StateGraph, value } from ${JSON.stringify(runtime)};
     const Desk = defineState({ name: 'desk', version: ${version}, channels: ${channels}, migrations: ${migrations} });
     export default () => new StateGraph(Desk)${adds.join('')}.compile({});`,
  );
  return file;
}

async function check(file: string, ...flags: string[]) {
  let text = '';
  const add = (more: string): void => {
    text += more;
  };
  const terminal = { out: add, err: add, isInteractive: false, ask: async () => '', input: async function* () {} };
  return { code: await runCli(['check-state', file, kept, ...flags], terminal), text };
}

it('a changed state needs another version, and the kept description follows', async () => {
  const first = graph(1, '{ messages: list() }');
  expect(await check(first)).toMatchObject({ code: 1, text: expect.stringContaining('--write') });
  expect(await check(first, '--write')).toMatchObject({ code: 0 });
  expect(await check(first)).toMatchObject({ code: 0, text: 'The state is as it was.\n' });

  const changed = '{ messages: list(), total: value(0) }';
  const forgotten = await check(graph(1, changed), '--write');
  expect(forgotten).toMatchObject({
    code: 1,
    text: expect.stringContaining('changed in total, and its version is still 1'),
  });
  expect(await check(graph(1, '{ messages: list() }', ['other']))).toMatchObject({
    code: 1,
    text: expect.stringContaining('has lost the node only'),
  });

  const second = graph(2, changed, ['only', 'more'], '{ 2: (old) => old }');
  expect(await check(second)).toMatchObject({ code: 1, text: expect.stringContaining('--write') });
  expect(await check(second, '--write')).toMatchObject({ code: 0 });
  expect(await check(second)).toMatchObject({ code: 0 });
  expect(await check(first)).toMatchObject({ code: 1, text: expect.stringContaining('went back from version 2 to 1') });
});

it('a module that is no graph is used wrongly', async () => {
  const file = join(folder, 'none.mjs');
  writeFileSync(file, 'export default 7;');
  expect(await check(file)).toMatchObject({ code: 2 });
  expect(await check(join(folder, 'absent.mjs'))).toMatchObject({ code: 2 });
});
