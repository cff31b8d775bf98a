/** Starts one worker, listens to it, and has it killed at its moment. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Line } from '../life/lines.js';
import type { Kill } from './kill.js';

const program = fileURLToPath(new URL('../../dist/worker.js', import.meta.url));

export interface Life {
  readonly lines: readonly Line[];
  readonly signal: string | null;
  readonly complaint: string;
}

/** @param kill - undefined for the last life, which finishes what is left and ends by itself. */
export function live(folder: string, number: number, kill: Kill | undefined): Promise<Life> {
  const isRandom = kill?.at === 'random';
  const armed = kill === undefined || isRandom ? '' : `${kill.at}#${kill.count}`;
  const worker = spawn(process.execPath, [program, folder, String(number), kill ? 'work' : 'finish'], {
    env: { ...process.env, CAIRN_CRASH_AT: armed },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Line[] = [];
  let rest = '';
  let complaint = '';
  let isKilled = false;
  worker.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  worker.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part) as Line);
    if (isRandom && !isKilled && lines.length >= kill.count) {
      isKilled = true;
      setTimeout(() => worker.kill('SIGKILL'), kill.delayMs);
    }
  });
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('close', (_code, signal) => resolve({ lines, signal, complaint }));
  });
}
