/** `cairn expire`: whole threads that nobody used for long, after asking. */

import type { ExpireReport, Metadata, ReportedThreadStatus } from '@cairn/checkpoint-core';
import { counted } from '@cairn/checkpoint-core';
import type { Command } from 'commander';
import { Progress } from '../progress.js';
import type { CliContext } from '../run-cli.js';
import { age, type CommonOptions, confirmed, pair, storeCommand, withStore } from '../store-command.js';

interface Options extends CommonOptions {
  readonly olderThan: number;
  readonly status?: ReportedThreadStatus;
  readonly filter?: Metadata;
  readonly dryRun?: true;
  readonly yes?: true;
}

const epilogue = `
A thread whose lease is live stays, and so does one that is written to while this command runs.

Examples:
  $ cairn expire sqlite:desk.db --older-than 90d --status completed --dry-run
  $ cairn expire sqlite:desk.db --older-than 24 --filter user=u1 --yes`;

export function addExpire(program: Command, { terminal }: CliContext): void {
  const command = storeCommand(program, 'expire', 'remove whole threads that nothing was written to for long');
  command
    .requiredOption(
      '--older-than <age>',
      'only those that nothing was written to for so long: hours, or days as in 90d',
      age,
    )
    .addOption(
      command
        .createOption('--status <status>', 'only those that are so')
        .choices(['abandoned', 'interrupted', 'completed', 'failed']),
    )
    .option('--filter <key=value>', 'only those with this metadata; may be repeated', pair)
    .option('--dry-run', 'tell which would go, and remove none')
    .option('--yes', 'do not ask')
    .addHelpText('after', epilogue)
    .action(async (store: string, { olderThan, status, filter, dryRun, yes, ...common }: Options) =>
      withStore(terminal, store, common, async ({ checkpointer }, printer) => {
        const request = { olderThanMs: olderThan, status, filter };
        if (dryRun) {
          const going: string[] = [];
          const { threads } = await checkpointer.expireThreads({
            ...request,
            dryRun,
            onThread: (threadId) => going.push(threadId),
          });
          await printer.rows(
            going.map((thread) => ({ thread })),
            'No threads.',
          );
          return printer.say(`${counted(threads, 'thread')} would be removed.`);
        }
        const foresee = async () =>
          `Removing ${counted((await checkpointer.expireThreads({ ...request, dryRun: true })).threads, 'thread')}`;
        if (!(await confirmed(terminal, yes, foresee))) return printer.say('Nothing was removed.');
        const progress = new Progress(terminal);
        let threads = 0;
        const onThread = () => progress.say(`${counted(++threads, 'thread')} removed`);
        const report: ExpireReport = await checkpointer
          .expireThreads({ ...request, onThread })
          .finally(() => progress.end());
        if (common.json) printer.object({ ...report });
        else printer.say(`Removed ${counted(report.threads, 'thread')}; ${report.busy} left, as in use.`);
      }),
    );
}
