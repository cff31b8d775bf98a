// Starts the desk as a worker process.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DeskEvent } from '../desk/desk-event.js';
import type { WorkerOptions } from '../desk/worker.js';
import type { DeskEnd, StartDesk } from './running-desk.js';

const WORKER = fileURLToPath(new URL('../desk/worker.js', import.meta.url));

export function workerStarter(options: WorkerOptions): StartDesk {
  return (onEvent, crashAt) => {
    const child = fork(WORKER, [JSON.stringify(options)], {
      env: { ...process.env, CAIRN_CRASH_AT: crashAt ?? '' },
      execArgv: [],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    child.on('message', (event: DeskEvent) => onEvent(event));
    return {
      // A worker that was killed a moment ago takes no more commands; the next one will ask again.
      tell: (command) => void child.send(command, () => {}),
      kill: () => void child.kill('SIGKILL'),
      ended: endOf(child),
    };
  };
}

/** `close`, not `exit`: what the worker said before it died has arrived by then. */
function endOf(child: ChildProcess): Promise<DeskEnd> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((ended) => {
    child.on('error', (error) => ended({ type: 'broken', message: error.message }));
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') ended({ type: 'killed' });
      else if (code === 0) ended({ type: 'stopped' });
      else ended({ type: 'broken', message: said.trim() || `the worker ended with ${signal ?? `code ${code}`}` });
    });
  });
}
