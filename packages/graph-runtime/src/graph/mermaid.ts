/**
 * Draws a graph as Mermaid text: solid edges are always taken, dotted ones may be, by a choice or by a `Send`. The edges
 * of a join meet in a circle, and a node that is a graph is drawn with what is in it.
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
  return [
    'flowchart TD',
    ...drawn(graph, '').map((line) => `  ${line}`),
    ...(state ? markLines(idsOf(graph, ''), marksOf(state)) : []),
    '',
  ].join('\n');
}

/** Names are any text, so nodes get ids of their own and names only stand in labels. */
function idsOf(graph: GraphDefinition, prefix: string): ReadonlyMap<string, string> {
  const names = [START, ...graph.nodes.map((node) => node.name), END];
  return new Map(names.map((name, index) => [name, `${prefix}n${index}`]));
}

/** @param prefix - of the ids of a graph that is drawn inside another. */
function drawn(graph: GraphDefinition, prefix: string): readonly string[] {
  const ids = idsOf(graph, prefix);
  const inner = new Map(graph.nodes.map(({ name, subgraph }) => [name, subgraph?.graph.definition]));
  const dotted = [
    ...graph.routes.flatMap(({ from, targets }) => targets.map((to) => ({ from, to }))),
    ...graph.nodes.flatMap(({ name, ends }) => ends.map((to) => ({ from: name, to }))),
  ];
  return [
    ...[...ids].flatMap(([name, id]) => nodeLines(name, id, inner.get(name))),
    ...graph.joins.map((_, index) => `${prefix}j${index}((all))`),
    ...graph.edges.map(({ from, to }) => `${ids.get(from)} --> ${ids.get(to)}`),
    ...graph.joins.flatMap(({ from, to }, index) => [
      ...from.map((source) => `${ids.get(source)} --> ${prefix}j${index}`),
      `${prefix}j${index} --> ${ids.get(to)}`,
    ]),
    ...dotted.map(({ from, to }) => `${ids.get(from)} -.-> ${ids.get(to)}`),
  ];
}

function nodeLines(name: string, id: string, inner: GraphDefinition | undefined): readonly string[] {
  if (inner === undefined) return [`${id}${shape(name)}`];
  return [`subgraph ${id}["${label(name)}"]`, ...drawn(inner, `${id}_`).map((line) => `  ${line}`), 'end'];
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
