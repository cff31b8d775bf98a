import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { environment } from './environment.mjs';
import { tasks } from './tasks.mjs';

const entry = fileURLToPath(new URL('../bootstrap.mjs', import.meta.url));

describe('environment', () => {
  it('puts the folders before what PATH held', () => {
    expect(environment({ PATH: '/bin' }, ['/a', '/b'])['PATH']).toBe(['/a', '/b', '/bin'].join(delimiter));
  });

  it("keeps Windows' spelling of PATH, so that no second one appears", () => {
    const { Path, PATH } = environment({ Path: '/bin' }, ['/a']);
    expect({ Path, PATH }).toEqual({ Path: `/a${delimiter}/bin`, PATH: undefined });
  });
});

describe('tasks', () => {
  it.each(['demo', 'test', 'bench', 'typecheck', 'build'])('%s hands its arguments on', (name) => {
    const [command] = tasks[name]?.commands({ node: 'node', args: ['--seed', '7'] }) ?? [];
    expect(command?.slice(-2)).toEqual(['--seed', '7']);
  });
});

describe('bootstrap.mjs', () => {
  it('names its tasks when it is given none it knows', () => {
    const { status, stderr } = spawnSync(process.execPath, [entry, 'deploy'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('Unknown task "deploy". Tasks: demo, desk, '),
    });
  });

  it("answers with the command's exit code", () => {
    expect(spawnSync(process.execPath, [entry, 'exec', 'node', '-e', 'process.exit(3)']).status).toBe(3);
  });

  it('runs commands with a Node that satisfies engines first on PATH', () => {
    const { stdout } = spawnSync(process.execPath, [entry, 'exec', 'node', '-p', 'process.execPath'], {
      encoding: 'utf8',
    });
    expect(dirname(stdout.trim())).toBe(dirname(process.execPath));
  });

  it('leaves every argument of exec to its command, --verbose too', () => {
    const script = 'console.log(process.argv.slice(1).join())';
    const { stdout } = spawnSync(process.execPath, [entry, 'exec', 'node', '-e', script, 'a', '--verbose'], {
      encoding: 'utf8',
    });
    expect(stdout.trim()).toBe('a,--verbose');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('hands %s on and waits for the command to finish', async (signal) => {
    const script = `process.on('${signal}', () => process.exit(42)); console.log('up'); setTimeout(() => {}, 5_000);`;
    const child = spawn(process.execPath, [entry, 'exec', 'node', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([42, null]);
  });
});
