// `approve`: a person's answer to a thread that waits, and the thread's way to its end.
import { hasCode } from '@cairn/checkpoint-core';
import { DeskError } from '../desk-error.js';
import { money } from '../reply/money.js';
import { withKeptDesk } from './kept-desk.js';

/** @throws DeskError when the thread does not exist, does not wait, or is being worked on. */
export async function approveThread(folder: string, threadId: string, answer: boolean): Promise<void> {
  await withKeptDesk(folder, async ({ graph }) => {
    const { interrupts, next } = await graph.getState({ threadId });
    const [asked] = interrupts;
    if (asked === undefined)
      throw new DeskError(
        `${threadId} does not wait for an answer: ${next.length === 0 ? 'it is completed' : `it is on its way to ${next.join(', ')}`}.`,
      );
    try {
      // By its id: the answer is to the question that was read, whatever somebody else answers meanwhile.
      const { values } = await graph.resume({ threadId, answers: { [asked.id]: answer } });
      const amount =
        values.decision !== null && 'amountCents' in values.decision ? money(values.decision.amountCents) : '';
      console.log(
        values.refundId === null ? `${threadId}: no refund.` : `${threadId}: refunded ${amount} (${values.refundId}).`,
      );
      console.log(`\n${values.reply?.body ?? ''}`);
    } catch (error) {
      if (hasCode(error, 'CAIRN_INTERRUPT_ANSWERED'))
        throw new DeskError(`Somebody else has just answered ${threadId}.`, { cause: error });
      if (hasCode(error, 'CAIRN_THREAD_BUSY'))
        throw new DeskError(`${threadId} is being worked on by another process; try again when it is done.`, {
          cause: error,
        });
      throw error;
    }
  });
}
