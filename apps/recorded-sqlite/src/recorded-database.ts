/** A database in a folder, every change of its files recorded. */
import type { FileOperation } from './file-operation.js';
import { RecordedFiles } from './recorded-files.js';
import { type OpenedDatabase, openWasmSqlite } from './wasm-sqlite.js';

export interface RecordedDatabase {
  /** What has been done to the files so far; it grows. */
  readonly operations: readonly FileOperation[];
  /** Opens a file of the folder: the `openDatabase` of a SqliteSaver. */
  open(path: string): OpenedDatabase;
}

export interface RecordingOptions {
  /**
   * After how many pages SQLite folds its WAL into the file, in place of what the saver asks for: a short trace is to have
   * many of these moments, which are the delicate ones. Default 8.
   */
  readonly checkpointPages?: number;
  /** Overrides `PRAGMA synchronous`, for seeing what a saver would lose that did not wait for the disk. */
  readonly synchronous?: 'off';
}

/** @param folder - where the database's files lie; their recorded names are relative to it. */
export function recordDatabase(folder: string, options: RecordingOptions = {}): RecordedDatabase {
  const { checkpointPages = 8, synchronous } = options;
  const files = new RecordedFiles(folder);
  const overrides: readonly (readonly [pragma: string, value: string | number | undefined])[] = [
    ['wal_autocheckpoint', checkpointPages],
    ['synchronous', synchronous],
  ];
  return {
    operations: files.operations,
    open(path) {
      const database = openWasmSqlite(path, files.calls);
      return {
        ...database,
        exec(sql) {
          const override = overrides.find(
            ([pragma, value]) => value !== undefined && sql.startsWith(`PRAGMA ${pragma} =`),
          );
          database.exec(override ? `PRAGMA ${override[0]} = ${override[1]}` : sql);
        },
      };
    },
  };
}
