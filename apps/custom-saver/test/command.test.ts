/** The command of the README, through the built suite and the built saver, for the cases of one method. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('cairn-conformance proves the saver from the command line', async () => {
  const command = fileURLToPath(new URL('../node_modules/@cairn/conformance-tests/dist/cli.js', import.meta.url));
  const harness = fileURLToPath(new URL('../harness.mjs', import.meta.url));
  const args = [command, harness, '--only', 'law-5/put-repeated', '--only', 'kill/at-crash-points'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toContain("Declares: permanence 'disk', shared 'instances', maintenance yes");
  expect(stdout).toMatch(/pass law-5/);
  expect(stdout).toMatch(/pass kill +1\/1/);
}, 60_000);
