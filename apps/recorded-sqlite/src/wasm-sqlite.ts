/**
 * SQLite itself, compiled to WebAssembly, over a file system that is handed to it: the engine's own pager, WAL and syncs, and every
 * operation passes through here. The native build calls the operating system directly, where nothing can be recorded without
 * a tracer or a compiler.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';

type Value = string | number | null | Uint8Array;
type Parameter = Value | Readonly<Record<string, Value>>;
type Bound = readonly Value[] | Readonly<Record<string, Value>>;

interface WasmStatement {
  run(values: Bound): { readonly changes: number };
  all(values: Bound): unknown[];
  finalize(): void;
}

interface WasmDatabase {
  prepare(sql: string): WasmStatement;
  exec(sql: string): void;
  close(): void;
}

/** A database as SqliteSaver wants it: the shape of better-sqlite3. */
export interface OpenedDatabase {
  prepare(sql: string): {
    run(...values: Parameter[]): { readonly changes: number };
    get(...values: Parameter[]): unknown;
    all(...values: Parameter[]): unknown[];
  };
  exec(sql: string): void;
  close(): void;
}

/** Opens a database on files that are reached through these calls alone. */
export function openWasmSqlite(path: string, files: object): OpenedDatabase {
  const database: WasmDatabase = new (loadEngine(files))(path);
  const statements: WasmStatement[] = [];
  // This build has no memory that processes share, which a WAL needs unless one connection has the file alone.
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  return {
    prepare(sql) {
      const statement = database.prepare(sql);
      statements.push(statement);
      return {
        run: (...values) => statement.run(bound(values)),
        // To its end: a statement that stopped at its first row would hold its transaction open.
        get: (...values) => statement.all(bound(values))[0],
        all: (...values) => statement.all(bound(values)),
      };
    },
    exec: (sql) => database.exec(sql),
    close() {
      for (const statement of statements) statement.finalize();
      database.close();
    },
  };
}

/** The engine as a module of its own, whose `node:fs` is what is given: no other module sees another one. */
function loadEngine(files: object): new (path: string) => WasmDatabase {
  const require = createRequire(import.meta.url);
  const file = require.resolve('node-sqlite3-wasm');
  const names = ['require', 'module', 'exports', '__filename', '__dirname'];
  const load = compileFunction(readFileSync(file, 'utf8'), names, { filename: file });
  const module: { exports: { Database?: new (path: string) => WasmDatabase } } = { exports: {} };
  const requireRecorded = (id: string): unknown => (id === 'node:fs' ? files : require(id));
  load(requireRecorded, module, module.exports, file, dirname(file));
  const { Database } = module.exports;
  if (Database === undefined) throw new TypeError('node-sqlite3-wasm exports no Database.');
  return Database;
}

function bound(values: readonly Parameter[]): Bound {
  const [first] = values;
  if (typeof first !== 'object' || first === null || first instanceof Uint8Array) return values as readonly Value[];
  return Object.fromEntries(Object.entries(first).map(([name, value]) => [`@${name}`, value]));
}
