// The commands and their options. What they do is loaded when they run.
import { Command, InvalidArgumentError, Option } from 'commander';
import { type DemoFlags, KEPT_FOLDER, saverNames } from './demo/demo-options.js';

/** @param args - what was typed after the program's name; without a command it is `demo`. */
export async function runProgram(args: readonly string[]): Promise<void> {
  const first = args[0];
  const namesNoCommand = first === undefined || (first.startsWith('-') && first !== '-h' && first !== '--help');
  await buildProgram().parseAsync(namesNoCommand ? ['demo', ...args] : args, { from: 'user' });
}

function buildProgram(): Command {
  const program = new Command('refund-desk')
    .description('A customer desk that refunds each order exactly once, however often it is killed.')
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)');
  addDemo(program);
  addKeptCommands(program);
  return program;
}

function addDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'work through all tickets, killing the worker on the way, and check that nothing was lost or done twice',
    )
    .addOption(new Option('--saver <name>', 'where threads are stored').choices(saverNames).default('sqlite'))
    .option('--seed <number>', "repeats a run's plan of kills and approvals", wholeNumber)
    .option('--kills <count>', 'how often to kill the worker (default: 3; on memory 0)', wholeNumber)
    .option('--tickets <file>', 'a ticket file of your own, JSON Lines (default: the one shipped)')
    .option('--keep [folder]', `keep the files, by default in ./${KEPT_FOLDER}`)
    .option('--leave-waiting <count>', 'approvals to leave for you in the kept files (default: 3)', wholeNumber)
    .option('--sabotage', 'leave the idempotency key out, and see duplicates')
    .action(async (flags: DemoFlags) => {
      const { demo } = await import('./commands/demo.js');
      if (!(await demo(flags))) process.exitCode = 1;
    });
}

function addKeptCommands(program: Command): void {
  const folder = () => new Option('--dir <folder>', 'the folder a demo was kept in').default(KEPT_FOLDER);
  program
    .command('list')
    .description('the threads that wait for you, and how many stand where')
    .option('--all', 'every thread')
    .addOption(folder())
    .action(async ({ dir, all }: { dir: string; all?: boolean }) =>
      (await import('./commands/list.js')).listThreads(dir, all === true),
    );
  program
    .command('show')
    .description("one thread's history, with what changed at each checkpoint")
    .argument('<thread>')
    .addOption(folder())
    .action(async (thread: string, { dir }: { dir: string }) =>
      (await import('./commands/show.js')).showThread(dir, thread),
    );
  program
    .command('approve')
    .description('say yes to a thread that waits, and run it to its end')
    .argument('<thread>')
    .option('--no', 'say no')
    .addOption(folder())
    .action(async (thread: string, { dir, no }: { dir: string; no?: boolean }) =>
      (await import('./commands/approve.js')).approveThread(dir, thread, no !== true),
    );
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It should be a whole number from 0 up.');
  return Number(text);
}
