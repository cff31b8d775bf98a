/**
 * The folder of one server: made where every user may enter it, guarded by a watchdog that outlives this process just long
 * enough to clean up, and swept later if even the watchdog was killed.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const prefix = 'cairn-postgres-';
const run = promisify(execFile);
const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? 'watchdog.ts' : 'watchdog.js', import.meta.url),
);

export class ServerFolder {
  readonly path: string;
  readonly #watchdog: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(path: string, watchdog: ChildProcess) {
    this.path = path;
    this.#watchdog = watchdog;
    this.#ended = once(watchdog, 'exit');
    // Neither may keep this process alive: its end is what the watchdog waits for.
    watchdog.unref();
    (watchdog.stdin as unknown as { unref(): void }).unref();
    watchdog.stdin?.on('error', () => {});
  }

  static async create(): Promise<ServerFolder> {
    await sweep();
    const path = await mkdtemp(join(tmpdir(), prefix));
    await chmod(path, 0o755);
    const watchdog = spawn(process.execPath, [program, path], {
      // Out of this process's group, so that what kills the group leaves it alive.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
    });
    await once(watchdog, 'spawn');
    await writeFile(join(path, 'watchdog.pid'), String(watchdog.pid));
    return new ServerFolder(path, watchdog);
  }

  /** Tells the watchdog which process to end; 0 for none. */
  guard(pid: number): void {
    this.#watchdog.stdin?.write(`${pid}\n`);
  }

  /** Ends what is guarded and removes the folder. */
  async remove(): Promise<void> {
    if (this.#watchdog.exitCode !== null) return;
    this.#watchdog.ref();
    this.#watchdog.stdin?.end();
    await this.#ended;
  }
}

/** Removes folders whose watchdog is gone, and ends the servers in them. */
async function sweep(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
  await Promise.all(names.map((name) => sweepFolder(join(tmpdir(), name))));
}

async function sweepFolder(path: string): Promise<void> {
  try {
    // Without it, the folder is being made now, or is another user's.
    const watchdog = Number(await readFile(join(path, 'watchdog.pid'), 'utf8'));
    if ((await commandOf(watchdog)).includes(path)) return;
    const server = Number(
      (await readFile(join(path, 'data', 'postmaster.pid'), 'utf8').catch(() => '0')).split('\n')[0],
    );
    if ((await commandOf(server)).includes(path)) process.kill(server, 'SIGQUIT');
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  } catch {
    // Another run sweeps it too, or it is not ours to remove.
  }
}

/** A process's command line; empty when there is no such process. */
async function commandOf(pid: number): Promise<string> {
  if (pid === 0) return '';
  return run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
