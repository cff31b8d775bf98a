/** Starts a server of one's own, or hands out the one that `DATABASE_URL` names. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findBinaries } from './binaries.js';
import { chooseUser, type OperatingUser } from './operating-user.js';
import { ServerFolder } from './server-folder.js';
import { freePort, ServerProcess } from './server-process.js';

export interface StartOptions {
  /** True: a server of one's own also where `DATABASE_URL` is set, as tests that kill the server need. Default false. */
  readonly own?: boolean;
  /** Settings of the server, such as `{ wal_level: 'minimal' }`, beside `max_connections` of 200. */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Where its data lies: made where there is none, there after it has stopped, and taken up by the next start. Started by
   * root, it must be a folder that every user may enter. Default: one of its own, gone when it stops.
   */
  readonly folder?: string;
}

/** A server that answers at `connectionString` until it is stopped or the process that started it ends. */
export interface LocalPostgres {
  readonly connectionString: string;
  /** False for the one that `DATABASE_URL` names: it can be neither stopped nor killed. */
  readonly isOwn: boolean;
  /** Stops the server, and removes its data unless they have a folder; nothing for one that is not one's own. */
  stop(): Promise<void>;
  /** Kills the server and every backend with SIGKILL, as a power cut of the process would; the data stays. */
  kill9(): Promise<void>;
  /** Starts it again after `kill9`, or anew, on the same address and data; resolves once it accepts connections. */
  restart(): Promise<void>;
}

const run = promisify(execFile);

export async function startPostgres(options: StartOptions = {}): Promise<LocalPostgres> {
  const url = process.env['DATABASE_URL'];
  return url && !options.own ? foreignServer(url) : ownServer(options);
}

async function ownServer({ settings = {}, folder: keptIn }: StartOptions): Promise<LocalPostgres> {
  const folder = await ServerFolder.create();
  try {
    const user = await chooseUser(folder.path);
    const binaries = await findBinaries(folder.path, user);
    const { data, password } = await provideData(keptIn ?? folder.path, binaries.initdb, user);
    const port = await freePort();
    const server = new ServerProcess({ program: binaries.postgres, user, folder, data, port, settings });
    await server.start();
    return {
      connectionString: `postgresql://cairn:${password}@127.0.0.1:${port}/postgres`,
      isOwn: true,
      stop: async () => {
        await server.stop();
        await folder.remove();
      },
      kill9: () => server.kill(),
      restart: async () => {
        await server.stop();
        await server.start();
      },
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** Finds the data in a folder, or makes them. */
async function provideData(
  folder: string,
  initdb: string,
  user: OperatingUser,
): Promise<{ data: string; password: string }> {
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  if (existsSync(join(data, 'PG_VERSION'))) return { data, password: await readFile(passwordFile, 'utf8') };
  const password = randomBytes(18).toString('base64url');
  await mkdir(folder, { recursive: true });
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  await Promise.all([data, passwordFile].map((path) => user.own(path)));
  await run(
    initdb,
    // One round of hashing: tests open thousands of connections, and the password guards an hour.
    [data, '-U', 'cairn', '-A', 'scram-sha-256', '--pwfile', passwordFile, '-c', 'scram_iterations=1'].concat(
      '--no-sync',
      '--locale=C',
      '--encoding=UTF8',
    ),
    user.spawnOptions,
  );
  return { data, password };
}

function foreignServer(connectionString: string): LocalPostgres {
  const refuse = async (): Promise<never> => {
    throw new Error(
      'The server that DATABASE_URL names is not ours to kill. Start one with `startPostgres({ own: true })`.',
    );
  };
  return { connectionString, isOwn: false, stop: async () => {}, kill9: refuse, restart: refuse };
}
