/** `cairn verify --repair`: says what a repair would do, asks, and does it. */

import { existsSync } from 'node:fs';
import {
  type Checkpointer,
  counted,
  QuarantineFile,
  type RepairedThread,
  type SetAsideRow,
} from '@cairn/checkpoint-core';
import type { Printer } from '../print.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';

export interface RepairOptions {
  readonly threadId: string | undefined;
  /** The quarantine's path. */
  readonly file: string;
  readonly yes: boolean | undefined;
}

/** @returns false when damage is left. */
export async function repair(
  checkpointer: Checkpointer,
  { threadId, file, yes = false }: RepairOptions,
  printer: Printer,
  terminal: Terminal,
): Promise<boolean> {
  if (existsSync(file)) throw new UsageError(`${file} exists already: what is set aside goes into a new file.`);
  const plans = await reports(checkpointer.repair({ threadId }), printer);
  if (plans.length === 0) return true;
  const planned = plans.filter(({ outcome }) => outcome === 'planned').length;
  if (planned === 0) {
    printer.say('Nothing of it can be repaired, and nothing was changed.');
    return false;
  }
  if (!yes && !terminal.isInteractive) {
    printer.say(
      `Nothing was changed. With --yes ${threads(planned)} would be repaired so, and what it was kept in ${file}.`,
    );
    return false;
  }
  const question = `Repair ${threads(planned)}, and keep all rows as they are in ${file}? [y/N] `;
  if (!yes && !/^y(es)?$/i.test((await terminal.ask(question)).trim())) {
    printer.say('Nothing was changed.');
    return false;
  }
  await using quarantine = new QuarantineFile(file);
  let isWhole = true;
  for await (const { threadId: id, outcome, quarantine: where, refusal, left } of confirmed(
    checkpointer,
    plans,
    quarantine,
  )) {
    if (refusal) printer.say(`${id} was left as it is: ${refusal.message}`);
    else printer.say(`${id} is ${outcome}; what it was is in ${where}.`);
    for (const { message } of left) printer.say(`${id}: ${message}`);
    isWhole &&= refusal === undefined && left.length === 0;
  }
  return isWhole;
}

/** Mends the threads that were shown, and no other that has been damaged since. */
async function* confirmed(
  checkpointer: Checkpointer,
  plans: readonly RepairedThread[],
  quarantine: QuarantineFile,
): AsyncGenerator<RepairedThread, void, undefined> {
  for (const plan of plans) {
    if (plan.outcome === 'planned') yield* checkpointer.repair({ threadId: plan.threadId, quarantine });
    else yield plan;
  }
}

/** Prints, row by row, what is set aside of each thread. */
async function reports(plans: AsyncIterable<RepairedThread>, printer: Printer): Promise<RepairedThread[]> {
  const all: RepairedThread[] = [];
  for await (const plan of plans) all.push(plan);
  await printer.rows(
    all.flatMap((plan) => [...rowsOf(plan)]),
    'All is whole.',
  );
  for (const { threadId, heads, missingRows } of all) {
    for (const { namespace, checkpointId, seq, was } of heads) {
      if (was?.checkpointId === checkpointId) continue;
      const before = was ? `, not from ${was.checkpointId} (seq ${was.seq})` : '';
      printer.say(`${threadId}${streamOf(namespace)} would go on from ${checkpointId} (seq ${seq})${before}.`);
    }
    if (missingRows > 0) printer.say(`${threadId} counts ${counted(missingRows, 'row')} more than there are.`);
  }
  return all;
}

function* rowsOf({ threadId, outcome, setAside, refusal, faults }: RepairedThread) {
  const told = refusal ? [{ kind: '', reason: refusal.message }] : setAside;
  const rows = told.length > 0 ? told : faults.map(({ message }) => ({ kind: '', reason: message }));
  for (const row of rows) yield { thread: threadId, outcome, ...columns(row) };
}

/** What was not kept, in columns; of a whole thread's loss the kind is empty. */
export function columns(row: Omit<SetAsideRow, 'kind'> & { readonly kind: string }) {
  const { kind, namespace = [], checkpointId, seq, channel, taskId, key, reason } = row;
  return { row: kind, namespace, checkpoint: checkpointId, seq, channel, task: taskId, key, reason };
}

function streamOf(namespace: readonly string[]): string {
  return namespace.length === 0 ? '' : ` ${JSON.stringify(namespace)}`;
}

function threads(count: number): string {
  return count === 1 ? 'one thread' : `${count} threads`;
}
