// The model classifier against a real HTTP server on this machine that speaks the endpoint's protocol.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { chooseClassifier, endpointOf } from '../src/classify/choose-classifier.js';
import { ticketOf } from './fixtures/ticket-of.js';

interface Seen {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: { model: string; messages: { role: string; content: string }[] };
}

let server: Server | undefined;
const seen: Seen[] = [];

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  seen.length = 0;
});

/** Starts the endpoint; each request gets the next answer: a status with a body, or the text of the model's message. */
async function endpoint(...answers: (string | { status: number; body: string })[]): Promise<Record<string, string>> {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({
        path: request.url,
        authorization: request.headers.authorization,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      const [status, body] =
        typeof answer === 'object' ? [answer.status, answer.body] : [200, JSON.stringify(completion(answer ?? ''))];
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after-ms': '1' }).end(body);
    });
  });
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
  return {
    OPENAI_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    OPENAI_API_KEY: 'sk-test',
    OPENAI_MODEL: 'small',
  };
}

function completion(content: string): object {
  return {
    id: 'c',
    object: 'chat.completion',
    created: 0,
    model: 'small',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
  };
}

const FACTS = { kind: 'damaged', topic: null, orderId: 'SH-10234', item: 'the mug', language: 'fr' };
const ticket = ticketOf({ subject: 'Tasse', body: 'I want to return my mug, SH-10234' });
const never = new AbortController().signal;

describe('a model behind an endpoint', () => {
  it("reads the ticket, asked with the ticket's text, the key and the model named", async () => {
    const classify = await chooseClassifier(await endpoint(JSON.stringify(FACTS)));
    expect(await classify(ticket, never)).toEqual({ ...FACTS, by: 'model', note: null });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      path: '/v1/chat/completions',
      authorization: 'Bearer sk-test',
      body: { model: 'small' },
    });
    expect(seen[0]?.body.messages.at(-1)).toEqual({
      role: 'user',
      content: 'Subject: Tasse\n\nI want to return my mug, SH-10234',
    });
  });

  it('is asked again when it is busy', async () => {
    const classify = await chooseClassifier(await endpoint({ status: 503, body: '{}' }, JSON.stringify(FACTS)));
    expect(await classify(ticket, never)).toMatchObject({ by: 'model', kind: 'damaged' });
    expect(seen).toHaveLength(2);
  });

  it.each([
    ['that is no JSON', 'Sure! The kind is "damaged".', /no usable answer: .*JSON/],
    [
      'with a kind that does not exist',
      JSON.stringify({ ...FACTS, kind: 'refund-everything' }),
      /not what was asked for/,
    ],
    [
      'with an order number in another spelling',
      JSON.stringify({ ...FACTS, orderId: '10234' }),
      /not what was asked for/,
    ],
    ['that is empty', '', /no usable answer/],
    ['of 401', { status: 401, body: '{"error":{"message":"no such key"}}' }, /401 no such key/],
    ['of 500, every time', { status: 500, body: 'oops' }, /500/],
  ])('is passed over for an answer %s: the rules read the ticket and say so', async (_, answer, note) => {
    const classify = await chooseClassifier(await endpoint(answer));
    expect(await classify(ticket, never)).toMatchObject({
      by: 'rules',
      kind: 'return',
      orderId: 'SH-10234',
      note: expect.stringMatching(note),
    });
  });

  it('is passed over when nothing listens there', async () => {
    const env = await endpoint('');
    server?.close();
    const classify = await chooseClassifier(env);
    expect(await classify(ticket, never)).toMatchObject({
      by: 'rules',
      note: expect.stringMatching(/Connection error/),
    });
  });

  it('does not swallow that the run was told to stop', async () => {
    const classify = await chooseClassifier(await endpoint(JSON.stringify(FACTS)));
    await expect(classify(ticket, AbortSignal.abort(new Error('told to stop')))).rejects.toThrow('told to stop');
  });
});

describe('the environment', () => {
  it('turns the model on by its address alone, never by a key that happens to be there', async () => {
    expect(endpointOf({ OPENAI_API_KEY: 'sk', OPENAI_MODEL: 'small' })).toBeUndefined();
    expect(endpointOf({ OPENAI_BASE_URL: 'http://localhost:1/v1', OPENAI_MODEL: 'small' })).toEqual({
      baseURL: 'http://localhost:1/v1',
      model: 'small',
      apiKey: 'none',
    });
    expect(await (await chooseClassifier({}))(ticket, never)).toMatchObject({ by: 'rules', note: null });
  });

  it('is refused when it is half there', () => {
    expect(() => endpointOf({ OPENAI_BASE_URL: 'http://localhost:1/v1' })).toThrow(/OPENAI_MODEL is not/);
    expect(() => endpointOf({ OPENAI_BASE_URL: 'localhost', OPENAI_MODEL: 'm' })).toThrow(/no address/);
  });
});
