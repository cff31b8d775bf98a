/**
 * Draws a graph as Mermaid text: solid edges are always taken, dotted ones may be, by a choice or by a `Send`. The edges
 * of a join meet in a circle, and a node that is a graph is drawn with what is in it.
 */
import type { StateSnapshot } from '../history/get-state.js';
import type { Channels } from '../state/channel.js';
import type { GraphDefinition } from './definition.js';
import { END, START } from './names.js';

/** As much of a thread's state as shows where it stands. */
export type Standing = Pick<StateSnapshot<Channels>, 'next' | 'interrupts' | 'failures' | 'status' | 'children'> &
  Partial<Pick<StateSnapshot<Channels>, 'namespace'>>;

const styles = {
  next: 'fill:#dbeafe,stroke:#2563eb',
  waiting: 'fill:#fef3c7,stroke:#d97706',
  failed: 'fill:#fee2e2,stroke:#dc2626',
  done: 'fill:#dcfce7,stroke:#16a34a',
};
type Mark = keyof typeof styles;
/** A node that several tasks run has the mark that asks most for somebody. */
const urgency: readonly Mark[] = ['done', 'next', 'waiting', 'failed'];

/**
 * @param state - marks its nodes: to run next, waiting for an answer, failed; and the end of a thread that is done. A question
 *   in a sub-graph marks the node that asks, too, where it is drawn; its other nodes are marked where the state has `children`.
 */
export function mermaid(graph: GraphDefinition, state?: Standing): string {
  return [
    'flowchart TD',
    ...drawn(graph, '').map((line) => `  ${line}`),
    ...(state ? markLines(marksOf(graph, '', state)) : []),
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

/** Marks by id. */
function marksOf(graph: GraphDefinition, prefix: string, state: Standing): ReadonlyMap<string, Mark> {
  const ids = idsOf(graph, prefix);
  const marks = new Map<string, Mark>();
  const mark = (id: string | undefined, as: Mark) => {
    // A stored task's node may be gone from the graph.
    if (id === undefined) return;
    const before = marks.get(id);
    if (before === undefined || urgency.indexOf(as) > urgency.indexOf(before)) marks.set(id, as);
  };
  for (const node of state.next) mark(ids.get(node), 'next');
  for (const { node, namespace } of state.interrupts) {
    const inside = namespace?.slice(state.namespace?.length) ?? [];
    for (const id of waitingIds(graph, prefix, inside, node)) mark(id, 'waiting');
  }
  for (const { node } of state.failures) mark(ids.get(node), 'failed');
  if (state.status === 'completed') mark(ids.get(END), 'done');
  for (const { node, open, state: inner } of state.children ?? []) {
    const drawnInside = graph.nodes.find(({ name }) => name === node)?.subgraph?.graph.definition;
    if (!open || drawnInside === undefined) continue;
    const innerMarks = marksOf(drawnInside, `${ids.get(node)}_`, inner);
    for (const [id, as] of innerMarks) mark(id, as);
  }
  return marks;
}

/** The node that asks, and those whose sub-graphs it is in, as far as they are drawn. */
function waitingIds(
  graph: GraphDefinition,
  prefix: string,
  [caller, ...namespace]: readonly string[],
  node: string,
): readonly (string | undefined)[] {
  const ids = idsOf(graph, prefix);
  if (caller === undefined) return [ids.get(node)];
  const id = ids.get(caller);
  const subgraph = graph.nodes.find(({ name }) => name === caller)?.subgraph;
  if (subgraph === undefined) return [id];
  // The stream of one that forgets is named after the task and the call, too.
  const inside = subgraph.remembers ? namespace : namespace.slice(2);
  return [id, ...waitingIds(subgraph.graph.definition, `${id}_`, inside, node)];
}

function markLines(marks: ReadonlyMap<string, Mark>): readonly string[] {
  return [
    ...[...new Set(marks.values())].map((mark) => `  classDef ${mark} ${styles[mark]}`),
    ...[...marks].map(([id, mark]) => `  class ${id} ${mark}`),
  ];
}

function shape(name: string): string {
  if (name === START) return '([start])';
  if (name === END) return '([end])';
  return `["${label(name)}"]`;
}

/** Mermaid's own escapes are entities with `#` for `&`. A label in backticks would be Markdown, and `%%{…}%%` a setting, in quotes too. */
function label(name: string): string {
  return name.replace(/[#"<>&\\\n\r`%]/g, (character) => `#${character.codePointAt(0)};`);
}
