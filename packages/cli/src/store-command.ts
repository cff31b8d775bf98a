/** What the commands share: the store they take, how they print, and that the store is closed whatever happens. */
import type { Command } from 'commander';
import { keysVariable } from './load-keys.js';
import { type OpenStore, openStore, type StoreOptions } from './open-store.js';
import { Printer } from './print.js';
import { tellWaiting } from './tell-waiting.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

export interface CommonOptions {
  readonly json?: boolean;
  readonly schema?: string;
  readonly keys?: string;
}

/** A command that takes a store first. */
export function storeCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument('<store>', 'sqlite:path, postgres://…, or a module that exports a saver')
    .option('--json', 'print lines of JSON')
    .option('--schema <name>', 'PostgreSQL: the schema that holds the tables (default: cairn)')
    .option('--keys <module>', `the keys of an encrypted store: a module (default: what ${keysVariable} names)`);
}

/** Opens the store for the time of `work`. */
export async function withStore(
  terminal: Terminal,
  location: string,
  { json = false, schema, keys }: CommonOptions,
  work: (store: OpenStore, printer: Printer) => Promise<void>,
  options: Pick<StoreOptions, 'mayMake'> = {},
): Promise<void> {
  const stopTelling = tellWaiting(terminal);
  try {
    const store = await openStore(location, { ...options, schema, keys });
    try {
      await work(store, new Printer(terminal, json));
    } finally {
      await store.close();
    }
  } finally {
    stopTelling();
  }
}

/** A namespace as its segments, each an option of its own: `--namespace research --namespace task-1`. */
export function collect(segment: string, before: readonly string[] = []): string[] {
  return [...before, segment];
}

/** @throws UsageError */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new UsageError(`${text} is not a whole number from 0 up.`);
}

/** `key=value` pairs of metadata; a value that is JSON is that, any other is a text. @throws UsageError */
export function pair(text: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`${text} is no pair: write key=value.`);
  return { ...before, [text.slice(0, at)]: jsonOrText(text.slice(at + 1)) };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A length of time as milliseconds: `12` and `12h` are hours, `30d` days. @throws UsageError */
export function age(text: string): number {
  const [, count, unit] = /^(\d+)([hd]?)$/.exec(text) ?? [];
  const ms = Number(count) * (unit === 'd' ? 24 : 1) * 3_600_000;
  if (Number.isSafeInteger(ms)) return ms;
  throw new UsageError(`${text} is no age: write hours, such as 12, or days, such as 30d.`);
}

/**
 * Asks before what can't be undone.
 *
 * @param what - said to the person; found out only where one is asked.
 * @throws UsageError where nobody can be asked and nothing was said.
 */
export async function confirmed(
  terminal: Terminal,
  yes: boolean | undefined,
  what: string | (() => Promise<string>),
): Promise<boolean> {
  if (yes) return true;
  if (!terminal.isInteractive)
    throw new UsageError(`${typeof what === 'string' ? what : 'This'} can't be undone: say --yes.`);
  const said = typeof what === 'string' ? what : await what();
  return /^y(es)?$/i.test((await terminal.ask(`${said} can't be undone. Go on? [y/N] `)).trim());
}
