/** `cairn prune`: old checkpoints, by rules, after asking. */
import { counted, hasCode, type PruneRequest, type RetentionReport } from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import { maintainable } from '../open-store.js';
import { Progress } from '../progress.js';
import type { CliContext } from '../run-cli.js';
import { age, type CommonOptions, confirmed, storeCommand, wholeNumber, withStore } from '../store-command.js';
import { UsageError } from '../usage-error.js';

interface Options extends CommonOptions {
  readonly keepLast?: number;
  readonly olderThan?: number;
  readonly thread?: string;
  readonly dryRun?: true;
  readonly yes?: true;
}

const epilogue = `
Never dropped are a thread's last checkpoint, what a kept checkpoint needs of its sub-graphs, and the values it shows, so that
a pruned thread resumes like one that was not. With both rules a checkpoint goes when neither keeps it. Runs may go on meanwhile.
Without a rule, a module's Checkpointer is asked for its own retention.

Examples:
  $ cairn prune sqlite:desk.db --keep-last 10 --dry-run
  $ cairn prune sqlite:desk.db --keep-last 10 --older-than 30d --yes
  $ cairn prune postgres://localhost/app --thread order-17 --keep-last 1

Whole threads: cairn expire, cairn delete.`;

export function addPrune(program: Command, { terminal, fail }: CliContext): void {
  storeCommand(program, 'prune', 'drop old checkpoints of threads, and give their room back')
    .option('--keep-last <count>', 'keep the newest so many of a thread', wholeNumber)
    .option('--older-than <age>', 'keep what is younger: hours, or days as in 30d', age)
    .option('--thread <id>', 'only this one')
    .option('--dry-run', 'tell what would go, and drop nothing')
    .option('--yes', 'do not ask')
    .addHelpText('after', epilogue)
    .action(async (store: string, { keepLast, olderThan, thread, dryRun, yes, ...common }: Options) => {
      if (keepLast === 0)
        throw new UsageError('--keep-last 0 is refused: the last checkpoint of a thread always stays.');
      const hasRules = keepLast !== undefined || olderThan !== undefined;
      const request: PruneRequest = {
        threadId: thread,
        ...(hasRules && { retention: { keepLast, maxAgeMs: olderThan } }),
      };
      await withStore(terminal, store, common, async ({ checkpointer, saver }, printer) => {
        const prune = async (more: PruneRequest, did: string): Promise<RetentionReport> => {
          const progress = new Progress(terminal);
          let [threads, checkpoints] = [0, 0];
          const onThread: PruneRequest['onThread'] = (_, report) => {
            threads += 1;
            checkpoints += report.checkpoints;
            progress.say(`${counted(threads, 'thread')}, ${counted(checkpoints, 'checkpoint')} ${did}`);
          };
          try {
            return await checkpointer.prune({ ...request, ...more, onThread });
          } catch (error) {
            if (hasRules || !hasCode(error, 'CAIRN_INVALID_ARGUMENT')) throw error;
            throw new UsageError('Say what is kept: --keep-last <count>, --older-than <age>, or both.');
          } finally {
            progress.end();
          }
        };
        const foresee = async () => {
          maintainable(saver);
          return prune({ dryRun: true }, 'would go');
        };
        if (!dryRun && !(await confirmed(terminal, yes, async () => `Dropping ${textOf(await foresee())}`)))
          return printer.say('Nothing was dropped.');
        const report = dryRun ? await foresee() : await prune({}, 'dropped');
        if (common.json) printer.object({ ...report, dryRun: dryRun ?? false });
        else printer.say(dryRun ? `A prune would drop ${textOf(report)}.` : `Dropped ${textOf(report)}.`);
        if (report.damaged.length === 0) return;
        printer.say(`Passed over, as they are damaged (see cairn verify): ${report.damaged.join(', ')}`);
        fail();
      });
    });
}

function textOf({ checkpoints, records, writes, bytes, threads }: RetentionReport): string {
  const rows = `${counted(checkpoints, 'checkpoint')}, ${counted(records, 'record')} and ${counted(writes, 'pending write')}`;
  return `${rows} of ${counted(threads, 'thread')}, ${counted(bytes, 'byte')}`;
}
