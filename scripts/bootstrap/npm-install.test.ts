import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const module = new URL('./npm-install.mjs', import.meta.url).href;

describe('npmInstall', () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'cairn-npm-'));
  });

  afterEach(() => rmSync(home, { recursive: true }));

  it('makes the folder the asked-for part of what npm lays out', () => {
    expect(install(packed('tool', '1.0.0'), 'node_modules/tool').status).toBe(0);
    expect(readdirSync(join(home, 'cache'))).toEqual(['tool']);
    expect(version()).toBe('1.0.0');
  });

  it('replaces an older one', () => {
    install(packed('tool', '1.0.0'), 'node_modules/tool');
    install(packed('tool', '2.0.0'), 'node_modules/tool');
    expect(version()).toBe('2.0.0');
  });

  it('leaves the older one in place and nothing else when npm fails, and shows why', () => {
    install(packed('tool', '1.0.0'), 'node_modules/tool');
    const { status, stderr } = install(join(home, 'absent.tgz'), 'node_modules/tool');
    expect(status).toBe(1);
    expect(stderr).toContain('ENOENT');
    expect(readdirSync(join(home, 'cache'))).toEqual(['tool']);
    expect(version()).toBe('1.0.0');
  });

  it('clears what a killed run left', () => {
    mkdirSync(join(home, 'cache', '.staging-abandoned', 'node_modules'), { recursive: true });
    install(packed('tool', '1.0.0'), 'node_modules/tool');
    expect(readdirSync(join(home, 'cache'))).toEqual(['tool']);
  });

  /** Calls npmInstall in a process of its own: it talks on stderr. Exits with 1 when it answers false. */
  function install(spec: string, part: string) {
    const request = JSON.stringify({
      label: 'fetching',
      spec,
      part,
      folder: join(home, 'cache', 'tool'),
      verbose: false,
    });
    const script = `import { npmInstall } from '${module}'; process.exitCode = (await npmInstall(${request})) ? 0 : 1;`;
    return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  }

  function packed(name: string, packageVersion: string): string {
    const folder = join(home, `${name}-source-${packageVersion}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: packageVersion }));
    spawnSync('npm', ['pack', '--pack-destination', home], { cwd: folder, shell: process.platform === 'win32' });
    const tarball = join(home, `${name}-${packageVersion}.tgz`);
    if (!existsSync(tarball)) throw new Error('npm pack made no tarball.');
    return tarball;
  }

  function version(): unknown {
    return JSON.parse(readFileSync(join(home, 'cache', 'tool', 'package.json'), 'utf8')).version;
  }
});
