/** Whose process the server is: PostgreSQL refuses to run as root, so root starts it as `nobody`. */
import { execFile } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface OperatingUser {
  readonly spawnOptions: { readonly uid?: number; readonly gid?: number; readonly cwd: string };
  /** Makes a folder this user's own. */
  own(folder: string): Promise<void>;
}

const run = promisify(execFile);

/** @param folder - one that the user can enter, to work in. */
export async function chooseUser(folder: string): Promise<OperatingUser> {
  if (process.getuid?.() !== 0) return { spawnOptions: { cwd: folder }, own: async () => {} };
  const [uid, gid] = await Promise.all(['-u', '-g'].map(idOfNobody));
  if (uid === undefined || gid === undefined) throw new Error('Unreachable: both ids were asked for.');
  return { spawnOptions: { uid, gid, cwd: folder }, own: (owned) => chown(owned, uid, gid) };
}

async function idOfNobody(flag: string): Promise<number> {
  const { stdout } = await run('id', [flag, 'nobody']);
  return Number(stdout);
}
