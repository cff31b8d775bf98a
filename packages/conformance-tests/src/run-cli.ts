/** The command line over `runConformance`: reads the arguments, imports the harness, prints the report. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { describeError } from './fixtures/outcomes.js';
import { reportToJUnit } from './format-junit.js';
import { formatReport, reportToJson } from './format-report.js';
import { importHarness } from './import-harness.js';
import { runConformance } from './run.js';

const usage = `Usage: cairn-conformance <harness module> [options]

Runs Cairn's conformance suite against the saver that the module's export \`harness\` (or its default export) opens.

  --seed <number>    draws the same ids and bytes as the run that printed this seed
  --only <prefix>    runs only the cases whose id begins with this; may be repeated
  --times <number>   makes this many times as many random sequences and kills: a long run
  --json <file>      writes the report as JSON, too
  --junit <file>     writes the report as JUnit XML, too
  --help             prints this
`;

/**
 * Runs the command.
 *
 * @returns the exit code: 0 when no case failed, 1 when one did or none ran, 2 when it could not run at all.
 */
export async function runCli(args: readonly string[], print: (text: string) => void): Promise<0 | 1 | 2> {
  try {
    const { values, positionals } = parse(args);
    if (values.help) {
      print(usage);
      return 0;
    }
    const [module, ...extra] = positionals;
    if (module === undefined || extra.length > 0) throw new TypeError('name one harness module');
    const report = await runConformance(await importHarness(pathToFileURL(resolve(module)).href), {
      ...(values.seed === undefined ? {} : { seed: numberOf('--seed', values.seed) }),
      ...(values.times === undefined ? {} : { times: Math.max(1, numberOf('--times', values.times)) }),
      ...(values.only === undefined ? {} : { only: values.only }),
    });
    print(`${formatReport(report)}\n`);
    if (values.json !== undefined) await writeFile(values.json, reportToJson(report));
    if (values.junit !== undefined) await writeFile(values.junit, reportToJUnit(report));
    return report.grade === 'failed' ? 1 : 0;
  } catch (error) {
    print(`${describeError(error)}\n\n${usage}`);
    return 2;
  }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      only: { type: 'string', multiple: true },
      times: { type: 'string' },
      json: { type: 'string' },
      junit: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
}

function numberOf(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number))
    throw new TypeError(`${option} must be a whole number, not ${JSON.stringify(text)}`);
  return number;
}
