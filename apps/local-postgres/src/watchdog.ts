// A process of its own beside a server: `node watchdog <folder>`. It ends the server and removes the folder when its input
// ends, which happens when the process that started both is done or has died, however it died.
// Built-ins only, and no other file: it is started from the source and from the build alike.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const [, , folder = ''] = process.argv;
/** The server's process; 0 while there is none. */
let server = 0;

// Ctrl-C reaches the whole group: the work here is still to be done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface(process.stdin)) server = Number(line);

// At once and without a checkpoint: nothing of it is needed any more.
for (const [signal, seconds] of [
  ['SIGQUIT', 5],
  ['SIGKILL', 5],
] as const) {
  for (let left = seconds * 50; left > 0 && tell(server, left === seconds * 50 ? signal : 0); left -= 1)
    await sleep(20);
}
rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });

/** Sends a signal; 0 only asks. @returns whether the process is there. */
function tell(pid: number, signal: NodeJS.Signals | 0): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
