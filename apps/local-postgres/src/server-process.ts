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

  /** SIGKILL to it and each of its backends; resolves once all are gone, and with them the memory that they shared. */
  async kill(): Promise<void> {
    let killed: number[] = [];
    await this.#end(async (pid) => {
      // Stopped first, it forks no backend that would be missed below.
      process.kill(pid, 'SIGSTOP');
      killed = [pid];
      try {
        const backends = (await runningProcesses()).filter(({ parent }) => parent === pid);
        killed.push(...backends.map((backend) => backend.pid));
      } finally {
        for (const each of killed) {
          try {
            process.kill(each, 'SIGKILL');
          } catch {
            // It ended by itself meanwhile.
          }
        }
      }
    });
    while ((await runningProcesses()).some(({ pid }) => killed.includes(pid))) await sleep(10);
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

/** All but those that have ended and only wait for their parent to notice. */
async function runningProcesses(): Promise<{ readonly pid: number; readonly parent: number }[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat=']);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state]) => state !== undefined && !state.startsWith('Z'))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
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
