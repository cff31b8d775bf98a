import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../src/crash-point.ts', import.meta.url));
const program = `
  const { crashPoint } = await import(${JSON.stringify(source)});
  for (let round = 1; round <= 3; round += 1) {
    crashPoint('area:moment');
    console.log(round);
  }
`;

function run(crashAt: string): { signal: string | null; printed: string } {
  const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, CAIRN_CRASH_AT: crashAt },
    encoding: 'utf8',
  });
  return { signal, printed: stdout.trim().replaceAll('\n', ' ') };
}

describe('a crash point', () => {
  it('does nothing while it is not armed', () => {
    expect(run('')).toEqual({ signal: null, printed: '1 2 3' });
    expect(run('another:moment')).toEqual({ signal: null, printed: '1 2 3' });
  });

  it('kills the process the first time it is reached', () => {
    expect(run('area:moment')).toEqual({ signal: 'SIGKILL', printed: '' });
  });

  it('kills the process the k-th time it is reached', () => {
    expect(run('another:moment,area:moment#3')).toEqual({ signal: 'SIGKILL', printed: '1 2' });
  });
});
