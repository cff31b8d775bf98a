/** The part of docs/peers.md about the runtimes: how many scenarios there are, and where LangGraph.js answers otherwise. */
import { versionOf } from './peers.js';
import { onLangGraph } from './scenarios/on-langgraph/themes.js';
import { themes } from './scenarios/themes.js';

export function scenariosSection(): string {
  return [
    `Beyond the savers: ${documented} scenarios, each a behaviour of the kind that users of LangGraph rely on, and ` +
      `${all.length - documented} of what Cairn promises besides. They were written from general knowledge of LangGraph and of ` +
      `its packages, not sentence by sentence from its pages, which treat of the same themes: ` +
      `${pages.map(([title, path]) => `[${title}](https://docs.langchain.com/oss/javascript/langgraph/${path})`).join(', ')}, ` +
      'and those on sub-graphs, sends and streams.',
    "Each runs on each of Cairn's savers and gives the same trace there, and the same history, state by state. Those in the " +
      `third column also run on \`@langchain/langgraph\` ${versionOf('@langchain/langgraph')} with its MemorySaver; an error of ` +
      'theirs counts as the one that Cairn has at that place, whatever its name. The others need what it does not have, or ' +
      'have not been written for it.',
    themeTable(),
    'Where LangGraph.js does otherwise, each pinned by a test:',
    differenceTable(),
    'The scenarios are in [scenarios/](../packages/conformance-tests/test/peers/scenarios), by theme.',
  ].join('\n\n');
}

const all = [...themes.values()].flat();
const documented = all.filter(({ beyond }) => beyond !== true).length;
const pages = [
  ['durable execution', 'durable-execution'],
  ['interrupts', 'interrupts'],
  ['time travel', 'use-time-travel'],
  ['persistence', 'persistence'],
] as const;

function themeTable(): string {
  const rows = [...themes].map(([theme, scenarios]) => {
    const ran = scenarios.flatMap(({ id }) => onLangGraph[id] ?? []);
    const same = ran.filter(({ differs }) => differs === undefined).length;
    return `| ${theme} | ${scenarios.length} | ${ran.length} | ${same} |`;
  });
  return ['| theme | scenarios | also on LangGraph.js | same trace |', '|---|---|---|---|', ...rows].join('\n');
}

function differenceTable(): string {
  const rows = all.flatMap(({ id, behaviour, expected }) => {
    const differs = onLangGraph[id]?.differs;
    if (differs === undefined) return [];
    return [`| \`${id}\`: ${behaviour} | ${shown(expected)} | ${shown(differs.trace)} | ${differs.because} |`];
  });
  return ['| scenario | Cairn | LangGraph.js | |', '|---|---|---|---|', ...rows].join('\n');
}

function shown(trace: unknown): string {
  return `\`${JSON.stringify(trace).replaceAll('|', '\\|')}\``;
}
