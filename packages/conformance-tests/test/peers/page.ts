/** docs/peers.md: the recorded verdicts and the reproductions, with what a reader has to know to weigh them. */
import { caseGroups, conformanceCases, groupOf } from '@cairn/conformance-tests';
import type { Verdict } from './bridge/judge.js';
import { merits } from './justice.js';
import { ownSavers } from './own-savers.js';
import { justiceClosing, justiceOpening, missingNotions, opening, running } from './page-texts.js';
import { type PeerName, peers, versionOf } from './peers.js';
import type { Reproduction } from './reproductions/reproduction.js';
import { reproductions } from './reproductions.js';
import { scenariosSection } from './scenarios-section.js';
import { notRun, recordedVerdicts, type Verdicts, verdictIn } from './verdicts.js';

const folder = '../packages/conformance-tests/test/peers';

export function peersPage(): string {
  const verdicts = recordedVerdicts();
  return [
    opening(peers.map((peer) => [peer.name, peer.package, versionOf(peer.package)])),
    '## Law by law',
    lawTable(verdicts),
    notRunNote(),
    '## What they have no notion of',
    missingNotions,
    notionTable(verdicts),
    '## What goes wrong, each with its reproduction',
    'Each file runs one scenario through the public API of LangGraph.js alone, without the bridge, and the same through ' +
      "Cairn's; a test pins both answers, so that this page can't become false unnoticed. “Same as Cairn” is pinned too, and " +
      `each of Cairn's savers (${ownSavers.map(({ name }) => name).join(', ')}) gives the answer in the last row.`,
    ...reproductions.map(section),
    '## What they do well',
    justiceOpening,
    merits.map(({ says, cases = [] }) => `- ${says}${cases.map((id) => ` \`${id}\``).join(',')}`).join('\n'),
    justiceClosing,
    '## Behaviours of the runtime, scenario by scenario',
    scenariosSection(),
    '## Cases that are broken',
    brokenTable(verdicts),
    '## Run it',
    running,
    '',
  ].join('\n\n');
}

function lawTable(verdicts: Verdicts): string {
  const lines = [`| law | ${peers.map(({ name }) => name).join(' | ')} |`, `|---|${peers.map(() => '---|').join('')}`];
  for (const [group, title] of caseGroups) {
    const ids = conformanceCases.map(({ id }) => id).filter((id) => groupOf(id) === group);
    const cells = peers.map(({ name }) =>
      lawCell(
        group,
        name,
        ids.map((id) => verdictIn(verdicts, name, id)),
      ),
    );
    if (cells.some((each) => each !== '')) lines.push(`| ${group}: ${title} | ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}

function lawCell(group: string, name: PeerName, verdicts: readonly (Verdict | undefined)[]): string {
  const count = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length;
  const [kept, broken] = [count('kept'), count('broken')];
  const missing = verdicts.filter((each) => typeof each === 'object').length;
  const isReproduced = reproductions.some((one) => one.breaks === group && name in one.peers);
  if (kept + broken + missing === 0) return isReproduced ? '**broken**' : '';
  const judged = kept + broken;
  const said = [];
  if (broken > 0) said.push(`**broken**: ${broken} of ${judged} cases`);
  else if (isReproduced) said.push(`**broken**, though ${judged} cases are kept`);
  else if (judged > 0) said.push(`kept: ${judged} cases`);
  if (missing > 0)
    said.push(judged > 0 || isReproduced ? `${missing} without a notion` : `no such notion: ${missing} cases`);
  return said.join('; ');
}

function notRunNote(): string {
  return [
    'A law that is broken though its cases are kept is broken in a reproduction below, in a way that the bridge hides: what ' +
      "the suite stores through it is Cairn's own bytes under metadata keys, so that its cases say little of their serializer.",
    '',
    'Not run over the bridge:',
    '',
    ...notRun.map(([ids, reason]) => `- \`${ids.source.replaceAll(/[\\^$]/g, '')}\`: ${reason}.`),
  ].join('\n');
}

function notionTable(verdicts: Verdicts): string {
  const byNotion = new Map<string, number>();
  for (const { id } of conformanceCases) {
    const found = peers.map(({ name }) => verdictIn(verdicts, name, id)).find((each) => typeof each === 'object');
    if (found !== undefined) byNotion.set(found.missing, (byNotion.get(found.missing) ?? 0) + 1);
  }
  const rows = [...byNotion].sort(([a], [b]) => (a < b ? -1 : 1)).map(([notion, count]) => `| ${notion} | ${count} |`);
  return ['| notion | cases that need it |', '|---|---|', ...rows].join('\n');
}

function brokenTable(verdicts: Verdicts): string {
  const rows = conformanceCases.flatMap(({ id, states }) => {
    const cells = peers.map(({ name }) => verdicts[name][id]);
    if (!cells.includes('broken')) return [];
    const why = reproductions
      .filter(({ explains = [] }) => explains.includes(id))
      .map((one) => `[${one.id}](#${anchor(one)})`);
    const shown = cells.map((each) => (typeof each === 'object' ? 'no notion' : (each ?? '')));
    return [`| \`${id}\`: ${states} | ${shown.join(' | ')} | ${why.join(', ')} |`];
  });
  return [
    `| case | ${peers.map(({ name }) => name).join(' | ')} | see |`,
    `|---|${peers.map(() => '---|').join('')}---|`,
    ...rows,
  ].join('\n');
}

function section(one: Reproduction): string {
  const rows = peers.flatMap(({ name, package: from }) => {
    const answer =
      name in one.peers ? cell(one.peers[name]) : one.rightOn?.includes(name) ? 'same as Cairn' : undefined;
    return answer === undefined ? [] : [`| ${name} ${versionOf(from)} | ${answer} |`];
  });
  const upstream = (one.upstream ?? []).map(([title, url]) => `[${title}](${url})`).join(', ');
  return [
    `### ${one.statement[0]?.toUpperCase()}${one.statement.slice(1)}`,
    one.explanation + (upstream === '' ? '' : ` See ${upstream}.`),
    ['| saver | what happens |', '|---|---|', ...rows, `| Cairn's savers | ${cell(one.cairn)} |`].join('\n'),
    `[\`${one.id}.ts\`](${folder}/reproductions/${one.id}.ts)`,
  ].join('\n\n');
}

/** As GitHub makes anchors of headings. */
function anchor({ statement }: Reproduction): string {
  return statement
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

function cell(answer: unknown): string {
  const text = typeof answer === 'string' ? answer : shown(answer);
  return text.replaceAll('|', '\\|');
}

function shown(answer: unknown): string {
  if (Array.isArray(answer)) return `\`${JSON.stringify(answer)}\``;
  const entries = Object.entries(answer as object);
  if (entries.length === 0) return 'nothing changes';
  return entries
    .map(([key, value]) => `${key}: \`${typeof value === 'string' ? value : JSON.stringify(value)}\``)
    .join('<br>');
}
