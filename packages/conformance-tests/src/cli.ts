#!/usr/bin/env node
/** The `cairn-conformance` command; everything it does is in run-cli.ts. */
import { runCli } from './run-cli.js';

void runCli(process.argv.slice(2), (text) => process.stdout.write(text)).then((code) => {
  process.exitCode = code;
});
