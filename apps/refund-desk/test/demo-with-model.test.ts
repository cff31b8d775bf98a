// The demo with tickets of one's own, read by a model: a real HTTP server on this machine speaks the endpoint's protocol.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shippedTickets } from '../src/paths.js';
import { runDesk } from './fixtures/run-desk.js';

const folder = mkdtempSync(join(tmpdir(), 'model-'));
const tickets = join(folder, 'own.jsonl');
let asked = 0;

/** Takes every ticket for a damaged item of the order it names; every fifth answer is no use. */
const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    asked += 1;
    const number = /sh[\s-]?(\d{5})/i.exec(JSON.parse(text).messages.at(-1).content)?.[1];
    const facts = {
      kind: 'damaged',
      topic: null,
      orderId: number === undefined ? null : `SH-${number}`,
      item: null,
      language: 'en',
    };
    const content = asked % 5 === 0 ? 'I would rather not say.' : JSON.stringify(facts);
    const body = {
      id: 'c',
      object: 'chat.completion',
      created: 0,
      model: 'm',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
});

beforeAll(async () => {
  writeFileSync(tickets, readFileSync(shippedTickets, 'utf8').split('\n').slice(0, 60).join('\n'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

it("a model's readings are stored once and survive the kills", async () => {
  const env = { OPENAI_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, OPENAI_MODEL: 'm' };
  const run = await runDesk(['--tickets', tickets, '--kills', '2', '--seed', '9'], env);
  expect(run.out).toContain('read by m at http://127.0.0.1');
  expect(run.out).not.toContain('FAIL');
  expect(run.figures).toMatchObject({ tickets: 60, completed: 60, duplicates: 0, kills: 2 });
  expect(run.code).toBe(0);
  // Only what was being read when the worker died is read again, and there is room for eight at once.
  expect(asked).toBeGreaterThanOrEqual(60);
  expect(asked).toBeLessThanOrEqual(60 + 2 * 8);
}, 60_000);
