#!/usr/bin/env node
/** The bin `cairn`. */
import { runCli } from './run-cli.js';
import { processTerminal } from './terminal.js';

void runCli(process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
});
