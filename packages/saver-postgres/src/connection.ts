/** One connection for the time of a call. Every query runs through here, and every column is read the same way. */
import { createHash } from 'node:crypto';
import { InvalidArgumentError } from '@cairn/checkpoint-core';
import type { StatementTimeout } from './classify-error.js';
import type { Deadline } from './deadline.js';
import type { PostgresClient, PostgresQuery } from './postgres-driver.js';
import { inSchema } from './schema-name.js';

/** What all connections of a saver share: its statements, with the schema's name in them. */
export class Statements {
  readonly #schema: string;
  readonly #prepare: boolean;
  readonly #known = new Map<string, { readonly text: string; readonly name: string | undefined }>();

  constructor(schema: string, prepare: boolean) {
    this.#schema = schema;
    this.#prepare = prepare;
  }

  with(sql: string, values: unknown[]): PostgresQuery {
    let statement = this.#known.get(sql);
    if (statement === undefined) {
      const text = inSchema(sql, this.#schema);
      statement = { text, name: this.#prepare && isCall.test(sql) ? nameOf(text) : undefined };
      this.#known.set(sql, statement);
    }
    const { text, name } = statement;
    return name === undefined ? { text, values, types: columnTypes } : { text, name, values, types: columnTypes };
  }
}

/**
 * A call of one of the schema's functions or procedures, which see to their plans. Any other statement is planned at each use,
 * for the size that the tables have then: one that was prepared while they were small would go on reading them whole.
 */
const isCall = /^(?:CALL |SELECT (?:\* FROM )?)@schema\./;

/** By the text, so that two versions or two schemas never meet under one name. */
function nameOf(text: string): string {
  return `cairn_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

export class Connection {
  readonly #client: PostgresClient;
  readonly #statements: Statements;
  readonly #deadline: Deadline;
  #unanswered: StatementTimeout | undefined;

  /** @param deadline - of each query. After one that took longer, no other is sent. */
  constructor(client: PostgresClient, statements: Statements, deadline: Deadline) {
    this.#client = client;
    this.#statements = statements;
    this.#deadline = deadline;
  }

  /** @param sql - a constant; `@schema` stands for the schema. */
  async all<Row>(sql: string, ...values: unknown[]): Promise<Row[]> {
    const { rows } = await this.#query(this.#statements.with(sql, values));
    return rows as Row[];
  }

  async get<Row>(sql: string, ...values: unknown[]): Promise<Row | undefined> {
    const { rows } = await this.#query(this.#statements.with(sql, values));
    return rows[0] as Row | undefined;
  }

  /** Runs several statements at once, without values. */
  async exec(sql: string): Promise<void> {
    await this.#query({ text: sql });
  }

  #query(query: PostgresQuery): Promise<{ readonly rows: unknown[] }> {
    // Such as a ROLLBACK: it would wait for as long once more.
    if (this.#unanswered !== undefined) return Promise.reject(this.#unanswered);
    return this.#deadline.within(this.#client.query(query), this.#noteSilence);
  }

  readonly #noteSilence = (error: StatementTimeout): void => {
    this.#unanswered = error;
  };
}

const boolOid = 16;
const byteaOid = 17;
const int8Oid = 20;
const int4Oid = 23;
const float8Oid = 701;

const asText = (text: string): unknown => text;
// Seqs and counts stay far below what a double counts exactly.
const asNumber = (text: string): unknown => Number(text);
const asBoolean = (text: string): unknown => text === 't';
const asBytes = (text: string): unknown =>
  text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : fromEscapes(text);

const parsers = new Map<number, (text: string) => unknown>([
  [boolOid, asBoolean],
  [byteaOid, asBytes],
  [int8Oid, asNumber],
  [int4Oid, asNumber],
  [float8Oid, asNumber],
]);

const columnTypes = {
  getTypeParser: (oid: number, format?: string) => (format === 'binary' ? refuseBinary : (parsers.get(oid) ?? asText)),
};

/** The older form of bytes, which a role may still have set (`bytea_output = escape`). */
function fromEscapes(text: string): Buffer {
  const plain = text.replace(/\\(\\|[0-7]{3})/g, (_, code: string) =>
    code === '\\' ? code : String.fromCharCode(Number.parseInt(code, 8)),
  );
  return Buffer.from(plain, 'latin1');
}

/** The driver decodes every binary column as UTF-8 before anyone sees it, which ruins bytes. */
function refuseBinary(): never {
  throw new InvalidArgumentError(
    'The pool asks for binary results, which alter bytes. Open it without `binary: true`.',
  );
}
