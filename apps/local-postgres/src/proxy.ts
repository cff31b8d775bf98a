/**
 * A TCP proxy in front of a PostgreSQL server that fails as networks do, at a request that a test names: it drops, delays
 * and cuts, before the request, or after the server committed and before anybody knows.
 *
 * It reads along, so the connections through it are not encrypted.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Exchange, Fault } from './fault.js';
import { type Judged, ProxiedLink } from './proxied-link.js';

/** Asked about each request once it is complete. */
export type Judge = (exchange: Exchange) => Fault | undefined;

const passAll: Judge = () => undefined;

export class PostgresProxy {
  /** The server's address, by way of the proxy. */
  readonly connectionString: string;
  /** What becomes of requests from now on. Default: they are passed on. */
  judge: Judge = passAll;
  /** The requests that were complete, in order. */
  readonly requests: Exchange[] = [];
  /** The requests that the server answered, whether or not the client heard. */
  readonly answered: Exchange[] = [];
  readonly #door: Server;
  readonly #links = new Set<ProxiedLink>();
  readonly #silent = new Set<Socket>();
  #mode: 'open' | 'refusing' | 'silent' = 'open';

  private constructor(door: Server, target: URL) {
    this.#door = door;
    const address = new URL(target);
    address.hostname = '127.0.0.1';
    address.port = String((door.address() as AddressInfo).port);
    this.connectionString = address.href;
    door.on('connection', (socket) => this.#welcome(socket, target));
  }

  /** @param target - the server's connection string. */
  static async start(target: string): Promise<PostgresProxy> {
    const door = createServer();
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    door.unref();
    return new PostgresProxy(door, new URL(target));
  }

  /** Applies the fault to the first request whose statement matches, and passes everything else. */
  failOnce(fault: Fault, statement: RegExp): void {
    this.failTimes(1, fault, statement);
  }

  /** Applies the fault to the next requests whose statements match, and passes everything else. */
  failTimes(times: number, fault: Fault, statement: RegExp): void {
    let left = times;
    this.judge = ({ sql }) => {
      if (left === 0 || !statement.test(sql)) return undefined;
      left -= 1;
      return fault;
    };
  }

  /** How often statements that match were sent. */
  countRequests(statement: RegExp): number {
    return this.requests.filter(({ sql }) => statement.test(sql)).length;
  }

  /** Cuts every connection at this very moment. @returns how many. */
  cutAll(reset = false): number {
    const links = [...this.#links];
    for (const link of links) link.cut(reset);
    return links.length;
  }

  /** The server is away: connections are cut, and new ones closed as soon as they come. */
  refuse(): void {
    this.#mode = 'refusing';
    this.cutAll();
  }

  /** The network swallows everything: connections stay as they are, new ones are made, and nothing comes back. */
  fallSilent(): void {
    this.#mode = 'silent';
    this.judge = () => 'drop-request';
  }

  /** All is as before. Whoever was met with silence is cut off. */
  recover(): void {
    this.#mode = 'open';
    this.judge = passAll;
    for (const socket of this.#silent) socket.destroy();
  }

  async close(): Promise<void> {
    this.#door.close();
    this.recover();
    this.cutAll();
    await once(this.#door, 'close');
  }

  #welcome(socket: Socket, target: URL): void {
    socket.on('error', () => {});
    if (this.#mode === 'refusing') {
      socket.resetAndDestroy();
      return;
    }
    if (this.#mode === 'silent') {
      this.#silent.add(socket);
      socket.on('close', () => this.#silent.delete(socket));
      return;
    }
    const link = new ProxiedLink(
      socket,
      { host: target.hostname, port: Number(target.port || 5432) },
      (sql) => this.#judgeRequest(sql),
      (exchange) => this.answered.push(exchange),
    );
    this.#links.add(link);
    link.onClose(() => this.#links.delete(link));
  }

  #judgeRequest(sql: string): Judged {
    const exchange = { number: this.requests.length + 1, sql };
    this.requests.push(exchange);
    return { exchange, fault: this.judge(exchange) };
  }
}
