/** `cairn check-state`: whether a graph's state changed while its version did not, against a description kept in the repository. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { importDefault } from '../import-default.js';
import type { CliContext } from '../run-cli.js';
import { UsageError } from '../usage-error.js';

/** What a compiled graph's `describe()` says, as far as it is compared. */
interface Description {
  readonly state: string;
  readonly version: number;
  readonly channels: Readonly<Record<string, unknown>>;
  readonly nodes: Readonly<Record<string, { readonly subgraph?: Description }>>;
}

export function addCheckState(program: Command, { terminal, fail }: CliContext): void {
  program
    .command('check-state')
    .description(
      'compare a graph with its kept description; exits with 1 when its state changed and its version did not',
    )
    .argument('<module>', 'its default export is a compiled graph, or a function that makes one')
    .argument('<file>', 'the kept description, such as state.json; commit it')
    .option('--write', 'keep the description as it is now')
    .action(async (module: string, file: string, { write }: { readonly write?: boolean }) => {
      const now = await describe(module);
      const faults = existsSync(file) ? faultsOf(JSON.parse(readFileSync(file, 'utf8')) as Description, now) : [];
      for (const fault of faults) terminal.err(`${fault}\n`);
      if (faults.length > 0) return fail();
      const text = `${JSON.stringify(now, null, 2)}\n`;
      if (write) {
        writeFileSync(file, text);
        terminal.out(`${file} says what the graph is now.\n`);
      } else if (existsSync(file) && isDeepStrictEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(text))) {
        terminal.out('The state is as it was.\n');
      } else {
        terminal.err(`${file} is behind the graph: run this with --write, and commit it.\n`);
        fail();
      }
    });
}

async function describe(module: string): Promise<Description> {
  const graph = await importDefault(module, `There is no module ${module}.`);
  if (typeof graph === 'object' && graph !== null && 'describe' in graph && typeof graph.describe === 'function') {
    return graph.describe() as Description;
  }
  throw new UsageError(`The default export of ${module} is no compiled graph, nor a function that makes one.`);
}

/** What would strand threads that are stored: of the graph, and of the graphs in it. */
function faultsOf(before: Description, now: Description): string[] {
  if (before.state !== now.state)
    return [`State ${before.state} is now called ${now.state}: its threads would be refused.`];
  const title = `State ${now.state}`;
  if (now.version < before.version) return [`${title} went back from version ${before.version} to ${now.version}.`];
  const faults: string[] = [];
  if (now.version === before.version) {
    const changed = changedKeys(before.channels, now.channels);
    if (changed.length > 0)
      faults.push(`${title} changed in ${changed.join(', ')}, and its version is still ${now.version}.`);
    const gone = Object.keys(before.nodes).filter((node) => !(node in now.nodes));
    if (gone.length > 0)
      faults.push(`${title} has lost the node ${gone.join(', ')}, and its version is still ${now.version}.`);
  }
  for (const [node, { subgraph }] of Object.entries(before.nodes)) {
    const other = now.nodes[node]?.subgraph;
    if (subgraph && other) faults.push(...faultsOf(subgraph, other));
  }
  return faults;
}

function changedKeys(before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  // As JSON has it, which knows no undefined.
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]));
}
