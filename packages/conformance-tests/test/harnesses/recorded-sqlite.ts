/** SqliteSaver on a recorded SQLite; what a power cut leaves is opened by the engine that users run. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordedStore } from '@cairn/conformance-tests';
import { type RecordingOptions, recordDatabase } from '@cairn/recorded-sqlite';
import { SqliteSaver, type SqliteSaverOptions } from '@cairn/saver-sqlite';

const fileName = 'store.db';

export async function recordSqlite(
  options: Pick<SqliteSaverOptions, 'synchronous'> = {},
  recording: RecordingOptions = {},
): Promise<RecordedStore> {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-recorded-'));
  const database = recordDatabase(folder, recording);
  const saver = new SqliteSaver({ ...options, path: join(folder, fileName), openDatabase: database.open });
  return {
    saver,
    operations: database.operations,
    reopen: async (files) => {
      const copy = await mkdtemp(join(folder, 'copy-'));
      for (const [name, bytes] of files) await writeFile(join(copy, name), bytes);
      return new SqliteSaver(join(copy, fileName));
    },
    destroy: async () => {
      await saver.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
