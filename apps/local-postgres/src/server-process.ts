/** The server's process on one data folder: started, stopped, killed, started again. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { OperatingUser } from './operating-user.js';
import type { ServerFolder } from './server-folder.js';

interface ServerSettings {
  readonly program: string;
  readonly user: OperatingUser;
  readonly folder: ServerFolder;
  readonly data: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
}

const run = promisify(execFile);

export class ServerProcess {
  readonly #server: ServerSettings;
  #process: ChildProcess | undefined;

  constructor(server: ServerSettings) {
    this.#server = server;
  }

  /** Resolves once it accepts connections. @throws Error with the end of its log when it does not start. */
  async start(): Promise<void> {
    const { program, user, folder, data, port, settings } = this.#server;
    const all = { max_connections: '200', listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings };
    const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const logPath = join(folder.path, 'server.log');
    const log = openSync(logPath, 'a');
    const child = spawn(program, ['-D', data, '-p', String(port), ...flags], {
      ...user.spawnOptions,
      stdio: ['ignore', log, log],
      // It must not die of a Ctrl-C that its user still works with: the watchdog ends it.
      detached: true,
    });
    closeSync(log);
    // The watchdog ends it with this process; until then it keeps nothing alive.
    child.unref();
    await once(child, 'spawn');
    this.#process = child;
    folder.guard(child.pid ?? 0);
    while (!(await this.#isReady())) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`The PostgreSQL server did not start:\n${(await readFile(logPath, 'utf8')).slice(-2_000)}`);
      }
      await sleep(20);
    }
  }

  /** Ends it as an administrator would who does not wait for clients; nothing when it is not running. */
  async stop(): Promise<void> {
    await this.#end((pid) => process.kill(pid, 'SIGINT'));
  }

  /** SIGKILL to it and each of its backends. */
  async kill(): Promise<void> {
    await this.#end(async (pid) => {
      const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
      const backends = stdout
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number))
        .filter(([, parent]) => parent === pid)
        .flatMap(([backend]) => backend ?? []);
      for (const each of [pid, ...backends]) {
        try {
          process.kill(each, 'SIGKILL');
        } catch {
          // It ended by itself meanwhile.
        }
      }
    });
  }

  async #end(tell: (pid: number) => unknown): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.ref();
    await tell(child.pid);
    await ended;
    this.#server.folder.guard(0);
  }

  /** The file's last line tells the server's state, as `pg_ctl` reads it. */
  async #isReady(): Promise<boolean> {
    const text = await readFile(join(this.#server.data, 'postmaster.pid'), 'utf8').catch(() => '');
    const lines = text.split('\n');
    return Number(lines[0]) === this.#process?.pid && lines[7]?.trim() === 'ready';
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
