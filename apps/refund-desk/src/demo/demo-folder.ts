// The folder the demo works in: a temporary one that goes when the demo ends, or one the user keeps.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DeskError } from '../desk-error.js';
import { type DeskFiles, deskFiles } from '../paths.js';

export interface DemoFolder {
  readonly path: string;
  readonly files: DeskFiles;
  /** Removes a temporary folder; a kept one stays. */
  clear(): void;
}

/** @throws DeskError when the folder to keep holds a desk already, or can't be made. */
export function demoFolder(keep: string | undefined): DemoFolder {
  if (keep === undefined) {
    const path = mkdtempSync(join(tmpdir(), 'refund-desk-'));
    // Started by root, a PostgreSQL server runs as another user, and its data lie in here.
    chmodSync(path, 0o755);
    return { path, files: deskFiles(path), clear: () => rmSync(path, { recursive: true, force: true }) };
  }
  const path = resolve(keep);
  const files = deskFiles(path);
  if (existsSync(files.threads) || existsSync(files.postgres))
    throw new DeskError(`${path} holds a desk already. Delete that folder, or name another: --keep FOLDER.`);
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new DeskError(`The folder ${path} can't be made: ${(cause as Error).message}`, { cause });
  }
  return { path, files, clear: () => {} };
}

/** The size of an SQLite file with what its write-ahead log still holds. */
export function bytesOf(path: string): number {
  return [path, `${path}-wal`].reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0);
}
