/** The command line as a function, for a program of one's own. */

export { runCli } from './run-cli.js';
export type { Terminal } from './terminal.js';
