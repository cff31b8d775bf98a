/**
 * A large store of real checkpoints, made soon: two threads are saved checkpoint by checkpoint in memory, and their rows are
 * restored under many ids, as an import does.
 */
import { Checkpointer, type MaintainableSaver } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';

/** How many checkpoints a thread has; one thread is a twentieth of the store instead. */
export const threadLength = 500;

export interface MadeStore {
  readonly threads: number;
  readonly checkpoints: number;
  /** The checkpoints of the longest thread. */
  readonly longest: number;
}

/** @param checkpoints - how many the store is to have, at the least. */
export async function makeStore(
  saver: MaintainableSaver,
  checkpoints: number,
  onThread: (checkpoints: number) => void,
): Promise<MadeStore> {
  const longest = Math.max(threadLength, Math.ceil(checkpoints / 20));
  const [chat, counter] = [await savedThread(threadLength, valuesOfChat), await savedThread(longest, valuesOfCounter)];
  await saver.restore('counter', counter.scan('template'));
  let made = longest;
  let threads = 1;
  for (; made < checkpoints; made += threadLength) {
    await saver.restore(`chat-${String(threads).padStart(6, '0')}`, chat.scan('template'));
    threads += 1;
    onThread(made);
  }
  return { threads, checkpoints: made, longest };
}

async function savedThread(
  length: number,
  valuesAt: (seq: number) => Readonly<Record<string, unknown>>,
): Promise<MemorySaver> {
  const saver = new MemorySaver();
  const checkpointer = new Checkpointer({ saver });
  for (let seq = 1; seq <= length; seq += 1) {
    await checkpointer.save({ threadId: 'template', values: valuesAt(seq), metadata: { user: `u${seq % 7}` } });
  }
  return saver;
}

const message = (seq: number) => ({ role: seq % 2 === 0 ? 'model' : 'user', text: `message ${seq} `.repeat(12) });

/** A list that grows: the last checkpoints rest on records of most others. */
function valuesOfChat(seq: number): Readonly<Record<string, unknown>> {
  return { messages: Array.from({ length: seq }, (_, i) => message(i + 1)), turns: seq };
}

/** A state of one size, in a thread of great length. */
function valuesOfCounter(seq: number): Readonly<Record<string, unknown>> {
  return { last: message(seq), total: seq };
}

/** What the checkpoint at a seq of a thread is to show. */
export function valuesAt(threadId: string, seq: number): Readonly<Record<string, unknown>> {
  return threadId === 'counter' ? valuesOfCounter(seq) : valuesOfChat(seq);
}
