/**
 * Draws a graph as Mermaid text: solid edges are always taken, dotted ones may be, by a choice or by a `Send`. The edges
 * of a join meet in a circle.
 */
import type { StateSnapshot } from '../history/get-state.js';
import type { Channels } from '../state/channel.js';
import type { GraphDefinition } from './definition.js';
import { END, START } from './names.js';

/** As much of a thread's state as shows where it stands. */
export type Standing = Pick<StateSnapshot<Channels>, 'next' | 'interrupts' | 'failures' | 'status'>;

const styles = {
  next: 'fill:#dbeafe,stroke:#2563eb',
  waiting: 'fill:#fef3c7,stroke:#d97706',
  failed: 'fill:#fee2e2,stroke:#dc2626',
  done: 'fill:#dcfce7,stroke:#16a34a',
};
type Mark = keyof typeof styles;

/** @param state - marks its nodes: to run next, waiting for an answer, failed; and the end of a thread that is done. */
export function mermaid(graph: GraphDefinition, state?: Standing): string {
  // Names are any text, so nodes get ids of their own and names only stand in labels.
  const ids = new Map([START, ...graph.nodes.map((node) => node.name), END].map((name, index) => [name, `n${index}`]));
  const dotted = [
    ...graph.routes.flatMap(({ from, targets }) => targets.map((to) => ({ from, to }))),
    ...graph.nodes.flatMap(({ name, ends }) => ends.map((to) => ({ from: name, to }))),
  ];
  return [
    'flowchart TD',
    ...[...ids].map(([name, id]) => `  ${id}${shape(name)}`),
    ...graph.joins.map((_, index) => `  j${index}((all))`),
    ...graph.edges.map(({ from, to }) => `  ${ids.get(from)} --> ${ids.get(to)}`),
    ...graph.joins.flatMap(({ from, to }, index) => [
      ...from.map((source) => `  ${ids.get(source)} --> j${index}`),
      `  j${index} --> ${ids.get(to)}`,
    ]),
    ...dotted.map(({ from, to }) => `  ${ids.get(from)} -.-> ${ids.get(to)}`),
    ...(state ? markLines(ids, marksOf(state)) : []),
    '',
  ].join('\n');
}

/** A node that several tasks run has the mark that asks most for somebody. */
function marksOf({ next, interrupts, failures, status }: Standing): ReadonlyMap<string, Mark> {
  return new Map<string, Mark>([
    ...next.map((node): [string, Mark] => [node, 'next']),
    ...interrupts.map(({ node }): [string, Mark] => [node, 'waiting']),
    ...failures.map(({ node }): [string, Mark] => [node, 'failed']),
    ...(status === 'completed' ? ([[END, 'done']] as const) : []),
  ]);
}

function markLines(ids: ReadonlyMap<string, string>, marks: ReadonlyMap<string, Mark>): readonly string[] {
  // A stored task's node may be gone from the graph.
  const shown = [...marks].filter(([node]) => ids.has(node));
  return [
    ...[...new Set(shown.map(([, mark]) => mark))].map((mark) => `  classDef ${mark} ${styles[mark]}`),
    ...shown.map(([node, mark]) => `  class ${ids.get(node)} ${mark}`),
  ];
}

function shape(name: string): string {
  if (name === START) return '([start])';
  if (name === END) return '([end])';
  return `["${label(name)}"]`;
}

/** Mermaid's own escapes are entities with `#` for `&`. */
function label(name: string): string {
  return name.replace(/[#"<>&\\\n\r]/g, (character) => `#${character.codePointAt(0)};`);
}
