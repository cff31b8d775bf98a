// Writes docs/conformance.md from the suite itself: every case with the law it states, every mutant with what catches it.
// Run it after a build, when cases or mutants have changed; a test compares the page with what this would write.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the page lies. */
export const pageFile = fileURLToPath(new URL('../../../docs/conformance.md', import.meta.url));

/**
 * The page's text.
 *
 * @param {Pick<typeof import('@cairn/conformance-tests'), 'caseGroups' | 'conformanceCases' | 'groupOf' | 'mutants' | 'serializerCases' | 'serializerMutants'>} suite
 * @returns {string}
 */
export function conformancePage({
  caseGroups,
  conformanceCases,
  groupOf,
  mutants,
  serializerCases,
  serializerMutants,
}) {
  const lines = [
    '# The conformance suite, case by case',
    '',
    'Written by `packages/conformance-tests/scripts/conformance-page.mjs` from the suite itself; a test keeps it up to date.',
    'How to run the suite on a saver is in its [README](../packages/conformance-tests/README.md).',
    '',
    `${conformanceCases.length} cases state what must hold of every saver. A case that names a need is excluded, with its`,
    'reason in the report, where the saver does not declare that capability; where it does, the case must run and pass.',
  ];
  for (const [group, title] of caseGroups) {
    lines.push(
      '',
      `## ${group}: ${title.replace(/^\w+: /, '')}`,
      '',
      '| case | what must hold | needs |',
      '|---|---|---|',
    );
    for (const { id, states, requires } of conformanceCases) {
      if (groupOf(id) === group) lines.push(`| \`${id}\` | ${cell(states)} | ${needs(requires)} |`);
    }
  }
  const caught = new Set(mutants.flatMap(({ caughtBy }) => caughtBy));
  lines.push(
    '',
    '## Mutants: what proves the suite',
    '',
    `${mutants.length} savers, each right but for one defect. The suite's own tests put each defect into a saver that passes, and hold`,
    `every case named beside it to failing then. ${caught.size} of the cases are claimed by a mutant.`,
    '',
    ...mutantRows(mutants),
    '',
    '## Serializers: what a format must keep',
    '',
    'A suite of its own, `runSerializerConformance`; [writing a serializer](writing-a-serializer.md) shows how it is used. A case about a',
    'kind of values that a format declares not to keep holds it to refusing them.',
    '',
    '| case | what must hold | may be declared |',
    '|---|---|---|',
    ...serializerCases.map(({ id, states, about = '' }) => `| \`${id}\` | ${cell(states)} | ${about} |`),
    '',
    `${serializerMutants.length} formats with one defect each prove it:`,
    '',
    ...mutantRows(serializerMutants),
    '',
  );
  return lines.join('\n');
}

/**
 * @param {readonly { readonly id: string, readonly defect: string, readonly caughtBy: readonly string[] }[]} mutants
 * @returns {string[]}
 */
function mutantRows(mutants) {
  return [
    '| mutant | defect | caught by |',
    '|---|---|---|',
    ...mutants.map(
      ({ id, defect, caughtBy }) =>
        `| \`${id}\` | ${cell(defect)} | ${caughtBy.map((each) => `\`${each}\``).join(', ')} |`,
    ),
  ];
}

/** @param {string} text @returns {string} */
function cell(text) {
  return text.replaceAll('|', '\\|');
}

/** @param {import('@cairn/conformance-tests').Requirement | undefined} requires @returns {string} */
function needs({ permanence, shared, maintenance, recordedStore } = {}) {
  return [
    ...(permanence === undefined ? [] : [`permanence '${permanence}'`]),
    ...(shared === undefined ? [] : [`shared '${shared}'`]),
    ...(maintenance === true ? ['maintenance'] : []),
    ...(recordedStore === true ? ['`recordStore` in the harness'] : []),
  ].join(', ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(pageFile, conformancePage(await import('@cairn/conformance-tests')));
}
