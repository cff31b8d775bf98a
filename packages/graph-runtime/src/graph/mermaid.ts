/**
 * Draws a graph as Mermaid text: solid edges are always taken, dotted ones may be, by a choice or by a `Send`. The edges
 * of a join meet in a circle.
 */
import type { GraphDefinition } from './definition.js';
import { END, START } from './names.js';

export function mermaid(graph: GraphDefinition): string {
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
    '',
  ].join('\n');
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
