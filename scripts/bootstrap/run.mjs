// Starting processes: set-up phases quietly, one line each; tasks with this terminal as theirs.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs one step of the set-up. What it prints is shown only when it fails, or with `verbose`.
 *
 * @param {string} label
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env: NodeJS.ProcessEnv, verbose: boolean, cwd?: string, shell?: boolean }} options
 * @returns {Promise<number>} its exit code
 */
export async function runPhase(label, command, args, { verbose, ...options }) {
  const started = Date.now();
  process.stderr.write(verbose ? `${label}\n` : `${label} … `);
  const child = spawn(command, args, { ...options, stdio: ['ignore', verbose ? 2 : 'pipe', verbose ? 2 : 'pipe'] });
  /** @type {Buffer[]} */
  const output = [];
  child.stdout?.on('data', (chunk) => output.push(chunk));
  child.stderr?.on('data', (chunk) => output.push(chunk));
  const code = await exitCode(child);
  if (!verbose) process.stderr.write(code === 0 ? `${((Date.now() - started) / 1000).toFixed(1)} s\n` : 'failed\n');
  if (code !== 0) process.stderr.write(Buffer.concat(output));
  return code;
}

/**
 * Runs the task itself.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export function runTask(command, args, env) {
  // On Windows the commands of node_modules/.bin are scripts, which only a shell starts.
  return exitCode(
    spawn(command, args, { env, stdio: 'inherit', shell: process.platform === 'win32' && !command.endsWith('.exe') }),
  );
}

/**
 * Waits for a child, hands it the signals we get, and answers with its exit code as a shell would.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
async function exitCode(child) {
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    // At a terminal Ctrl-C reaches the whole process group: the child has had it already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  process.on('SIGINT', forward).on('SIGTERM', forward);
  try {
    return await new Promise((resolve) => {
      child.on('error', (error) => {
        console.error(error.message);
        resolve(127);
      });
      child.on('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    process.off('SIGINT', forward).off('SIGTERM', forward);
  }
}
