/** A graph's state and nodes as JSON that is the same each time: to be committed, and compared when the code changes. */

import type { RunnableGraph } from '../graph/runnable-graph.js';
import type { ChannelKind } from '../state/channel.js';
import { oldestVersion } from '../state/migration.js';
import type { Schema } from '../state/schema.js';

export interface ChannelDescription {
  readonly kind: ChannelKind;
  /** What its schema says of itself as JSON Schema, its library's name where it says nothing; absent without a schema. */
  readonly schema?: unknown;
}

/** What stored threads depend on. Keys are in the order of their texts. */
export interface GraphDescription {
  readonly state: string;
  readonly version: number;
  /** The oldest version whose threads it takes over. */
  readonly migratesFrom: number;
  readonly channels: Readonly<Record<string, ChannelDescription>>;
  /** With each node's graph, where it is one. */
  readonly nodes: Readonly<Record<string, { readonly subgraph?: GraphDescription }>>;
}

export function describeGraph({ stamp, migrations, channels, nodes }: RunnableGraph): GraphDescription {
  return {
    state: stamp.name,
    version: stamp.version,
    migratesFrom: oldestVersion(migrations, stamp.version),
    channels: sorted(
      Object.entries(channels).map(([name, { kind, schema }]) => [
        name,
        { kind, ...(schema && { schema: describeSchema(schema) }) },
      ]),
    ),
    nodes: sorted(
      Array.from(nodes.values(), ({ name, subgraph }) => [
        name,
        subgraph ? { subgraph: describeGraph(subgraph.graph) } : {},
      ]),
    ),
  };
}

/** A Standard Schema may be able to say what it accepts (Standard JSON Schema). */
interface TellingSchema {
  readonly vendor: string;
  readonly jsonSchema?: { readonly input?: (options: { readonly target: string }) => unknown };
}

function describeSchema(schema: Schema): unknown {
  const { vendor, jsonSchema }: TellingSchema = schema['~standard'];
  try {
    return jsonSchema?.input?.({ target: 'draft-2020-12' }) ?? vendor;
  } catch {
    // There are schemas that JSON Schema has no words for.
    return vendor;
  }
}

function sorted<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
