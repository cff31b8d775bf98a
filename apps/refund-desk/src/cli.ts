#!/usr/bin/env node
// The command's entry. It looks at Node's version before anything is loaded: the SQLite driver does not refuse an older Node, it crashes on it.
const OLDEST_NODE = 22;

if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) {
  const { runCli } = await import('./run-cli.js');
  await runCli(process.argv.slice(2));
} else {
  console.error(`The refund desk needs Node ${OLDEST_NODE} or newer, and this is ${process.versions.node}.`);
  process.exitCode = 1;
}

// Makes this a module, in which one may await.
export {};
