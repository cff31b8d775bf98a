/** One client's connection through the proxy: request by request, each judged before it is passed on. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange, Fault } from './fault.js';
import { MessageSplitter, statementOf, typeOf } from './wire-messages.js';

interface Target {
  readonly host: string;
  readonly port: number;
}

/** A request and what is to become of it. */
export interface Judged {
  readonly exchange: Exchange;
  readonly fault: Fault | undefined;
}

export class ProxiedLink {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #judge: (sql: string) => Judged;
  readonly #answered: (exchange: Exchange) => void;
  readonly #requests = new MessageSplitter(true);
  readonly #answers = new MessageSplitter(false);
  #request: Buffer[] = [];
  #answer: Buffer[] = [];
  /** The request that the server is at work on. */
  #underWay: Judged | undefined;

  constructor(client: Socket, target: Target, judge: (sql: string) => Judged, answered: (exchange: Exchange) => void) {
    this.#client = client.setNoDelay(true);
    this.#server = connect(target).setNoDelay(true);
    this.#judge = judge;
    this.#answered = answered;
    for (const socket of [this.#client, this.#server]) socket.on('error', () => {});
    this.#client.on('data', (chunk) => this.#fromClient(chunk));
    this.#client.on('close', () => this.#server.destroy());
    this.#server.on('data', (chunk) => this.#fromServer(chunk));
    this.#server.on('close', () => this.#end());
  }

  onClose(listener: () => void): void {
    this.#client.on('close', listener);
  }

  /** @param reset - true: with a TCP reset, as a host that has forgotten the connection; false: with an orderly end. */
  cut(reset = false): void {
    if (reset) this.#client.resetAndDestroy();
    else this.#client.destroy();
    this.#server.destroy();
  }

  #fromClient(chunk: Buffer): void {
    for (const message of this.#requests.take(chunk)) {
      const type = typeOf(message);
      if (!'PBDECHFSQdcf'.includes(type) || type === '') {
        // Saying who one is and saying goodbye are no requests.
        this.#server.write(message);
        continue;
      }
      this.#request.push(message);
      if (type !== 'S' && type !== 'Q') continue;
      const request = this.#request;
      this.#request = [];
      this.#pass(Buffer.concat(request), request.map(statementOf).join(''));
    }
  }

  #pass(request: Buffer, sql: string): void {
    const judged = this.#judge(sql);
    this.#underWay = judged;
    switch (judged.fault) {
      case 'cut-request':
        this.cut();
        return;
      case 'drop-request':
        return;
      case 'cut-unfinished':
        this.#server.write(request.subarray(0, -1), () => this.cut());
        return;
      case 'cut-sent':
        this.#server.write(request, () => this.cut());
        return;
      default:
        this.#server.write(request);
    }
  }

  #fromServer(chunk: Buffer): void {
    if (this.#underWay === undefined) {
      // Letting the client in, and what the server says unasked. The splitter keeps in step.
      this.#answers.take(chunk);
      this.#client.write(chunk);
      return;
    }
    for (const message of this.#answers.take(chunk)) {
      this.#answer.push(message);
      // Ready for the next request: this one's transaction, where it was one of its own, is committed.
      if (typeOf(message) === 'Z') void this.#handOver();
    }
  }

  async #handOver(): Promise<void> {
    const judged = this.#underWay;
    const answer = Buffer.concat(this.#answer);
    this.#underWay = undefined;
    this.#answer = [];
    if (judged === undefined) return;
    this.#answered(judged.exchange);
    const { fault } = judged;
    if (fault === 'cut-answer') this.cut();
    else if (fault === 'cut-half-answer') this.#client.write(answer.subarray(0, answer.length >> 1), () => this.cut());
    else if (fault === 'cut-after-answer') this.#client.write(answer, () => this.cut());
    else if (fault !== 'drop-answer') {
      if (typeof fault === 'object') await sleep(fault.delayMs);
      if (!this.#client.destroyed) this.#client.write(answer);
    }
  }

  /** The server is gone, and perhaps said why in a message that no other followed. */
  #end(): void {
    if (this.#client.destroyed) return;
    this.#client.end(Buffer.concat([...this.#answer, this.#answers.rest]));
  }
}
