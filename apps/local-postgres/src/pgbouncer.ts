/**
 * PgBouncer in transaction mode in front of the run's server, where it is installed (Debian's package `pgbouncer`): each
 * transaction may run on another of few server connections, and nothing of a session outlives it.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { chooseUser } from './operating-user.js';
import { freePort } from './server-process.js';
import { sharedPostgresUrl } from './test-database.js';

const run = promisify(execFile);
/** Debian's place, which is not on every user's path. */
const programs = ['pgbouncer', '/usr/sbin/pgbouncer'];

export interface PgBouncer {
  /** The server's address, by way of PgBouncer. */
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** The program's version and where it is; undefined where it is not installed. */
export async function findPgBouncer(): Promise<{ readonly program: string; readonly version: string } | undefined> {
  for (const program of programs) {
    try {
      const { stdout } = await run(program, ['--version']);
      return { program, version: stdout.split('\n')[0] ?? '' };
    } catch {
      // Not here.
    }
  }
  return undefined;
}

/** @param serverConnections - how many it shares among all clients. */
export async function startPgBouncer(program: string, serverConnections = 5): Promise<PgBouncer> {
  const server = new URL(await sharedPostgresUrl());
  const folder = await mkdtemp(join(tmpdir(), 'cairn-pgbouncer-'));
  const user = await chooseUser(folder);
  const port = await freePort();
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'plain',
    auth_file: join(folder, 'users'),
    pool_mode: 'transaction',
    default_pool_size: serverConnections,
    max_client_conn: 500,
    ignore_startup_parameters: 'extra_float_digits',
  };
  const target = `* = host=${server.hostname} port=${server.port || 5432}`;
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const name = decodeURIComponent(server.username);
  await writeFile(join(folder, 'users'), `"${name}" "${decodeURIComponent(server.password)}"\n`);
  await writeFile(join(folder, 'pgbouncer.ini'), ['[databases]', target, '[pgbouncer]', ...lines, ''].join('\n'));
  await chmod(folder, 0o700);
  for (const path of [folder, join(folder, 'users'), join(folder, 'pgbouncer.ini')]) await user.own(path);

  const child = spawn(program, [join(folder, 'pgbouncer.ini')], {
    ...user.spawnOptions,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4_000);
  });
  await once(child, 'spawn');
  // It must not outlive this process.
  const end = (): boolean => child.kill('SIGKILL');
  process.once('exit', end);
  while (!(await isListening(port))) {
    if (hasEnded(child)) throw new Error(`PgBouncer did not start:\n${log}`);
    await sleep(20);
  }
  server.hostname = '127.0.0.1';
  server.port = String(port);
  return {
    connectionString: server.href,
    async stop() {
      process.off('exit', end);
      const ended = hasEnded(child) ? undefined : once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
  }).then((found) => {
    socket.destroy();
    return found === true;
  });
}
