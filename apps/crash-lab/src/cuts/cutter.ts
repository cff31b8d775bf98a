/** Cuts connections to a server at random moments, each in another way. */
import type { Fault, PostgresProxy } from '@cairn/local-postgres';
import { Client } from 'pg';

const faults = [
  'cut-request',
  'cut-unfinished',
  'cut-sent',
  'cut-answer',
  'cut-half-answer',
  'cut-after-answer',
] as const;

/**
 * One of the proxy's faults at the next request; `all`: every connection at one moment; `terminate`: every backend, by the
 * server's own hand.
 */
export type CutKind = (typeof faults)[number] | 'all' | 'terminate';

export const cutKinds: readonly CutKind[] = [...faults, 'all', 'terminate'];

export class Cutter {
  /** How often each kind has cut. */
  readonly done = new Map<CutKind, number>();
  readonly #proxy: PostgresProxy;
  readonly #admin: Client;
  readonly #applicationName: string;
  readonly #draw: () => number;
  readonly #next: Fault[] = [];
  readonly #underWay: Promise<void>[] = [];

  private constructor(proxy: PostgresProxy, admin: Client, applicationName: string, draw: () => number) {
    this.#proxy = proxy;
    this.#admin = admin;
    this.#applicationName = applicationName;
    this.#draw = draw;
    proxy.judge = () => this.#judge();
  }

  /**
   * @param connectionString - past the proxy.
   * @param applicationName - of the connections whose backends may be terminated.
   * @param draw - a random number from 0 to 1.
   */
  static async create(
    proxy: PostgresProxy,
    connectionString: string,
    applicationName: string,
    draw: () => number,
  ): Promise<Cutter> {
    const admin = new Client({ connectionString });
    await admin.connect();
    return new Cutter(proxy, admin, applicationName, draw);
  }

  cut(kind: CutKind): void {
    if (kind === 'all' || kind === 'terminate') this.#underWay.push(this.#cutSoon(kind));
    else this.#next.push(kind);
  }

  async end(): Promise<void> {
    await Promise.all(this.#underWay);
    await this.#admin.end();
  }

  #judge(): Fault | undefined {
    const fault = this.#next.shift();
    if (fault !== undefined) this.#count(fault as CutKind);
    return fault;
  }

  /** At any moment of the superstep that follows, not only where it begins. */
  async #cutSoon(kind: 'all' | 'terminate'): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#draw() * 10));
    if (kind === 'all') this.#proxy.cutAll(this.#draw() < 0.5);
    else {
      const sql = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1';
      await this.#admin.query(sql, [this.#applicationName]);
    }
    this.#count(kind);
  }

  #count(kind: CutKind): void {
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
  }
}
