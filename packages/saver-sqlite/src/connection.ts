/** One open database with its prepared statements. Every query runs through here; none is prepared twice. */
import type { SqliteDatabase, SqliteParameter, SqliteStatement } from './sqlite-driver.js';

export class Connection {
  readonly #database: SqliteDatabase;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** @returns how many rows it changed. */
  run(sql: string, ...values: SqliteParameter[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  get<Row>(sql: string, ...values: SqliteParameter[]): Row | undefined {
    return (this.#statement(sql).get(...values) ?? undefined) as Row | undefined;
  }

  all<Row>(sql: string, ...values: SqliteParameter[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** Runs a script once, or a pragma. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** Ends a transaction that failed. The engine may have ended it already: after a full disk it does. */
  rollback(): void {
    try {
      this.run('ROLLBACK');
    } catch {
      // No transaction is open: then there is nothing to undo, and the first error is the one to report.
    }
  }

  close(): void {
    this.#database.close();
  }

  #statement(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
