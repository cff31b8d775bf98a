/** Setting up from many processes at once: all succeed, and the tables are made once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { asAdmin, createStore, open } from './fixtures/stores.js';

it('fifty set-ups in five processes at once all succeed, and make the tables once', { timeout: 60_000 }, async () => {
  const store = await createStore();
  const program = fileURLToPath(new URL('fixtures/set-up.mjs', import.meta.url));
  const children = Array.from({ length: 5 }, () => {
    const stdio = ['pipe', 'pipe', 'inherit'] as const;
    const child = spawn(process.execPath, [program, JSON.stringify(store), '10'], { stdio: [...stdio] });
    return { child, ended: once(child, 'exit'), lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
  });
  for (const { lines } of children) expect((await lines.next()).value).toBe('ready');
  for (const { child } of children) child.stdin.write('go\n');
  const outcomes = await Promise.all(children.map(async ({ lines }) => JSON.parse((await lines.next()).value ?? '')));
  expect(outcomes.flat()).toEqual(Array.from({ length: 50 }, () => 'fulfilled'));
  await Promise.all(children.map(({ ended }) => ended));
  const rows = await asAdmin(store, (query) => query('SELECT id FROM @schema.migrations ORDER BY id'));
  expect(rows.map(({ id }) => id)).toEqual(rows.map((_, i) => i + 1));
  await open(store, { autoSetup: false }).verifySchema();
});
