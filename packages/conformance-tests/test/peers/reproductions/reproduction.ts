/** What a reproduction is: one scenario, through LangGraph.js's public API alone and again through Cairn's. */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import type { CaseGroup } from '@cairn/conformance-tests';
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import type { PeerName } from '../peers.js';

export interface Reproduction {
  /** The name of its file. */
  readonly id: string;
  /** The group of cases whose law it breaks; none where it is about cost or defaults. */
  readonly breaks?: CaseGroup;
  /** What goes wrong, as a sentence about the peer. */
  readonly statement: string;
  /** Why, and what it does to a user: a paragraph of the page. */
  readonly explanation: string;
  /** Threads about it: title and address. */
  readonly upstream?: readonly (readonly [title: string, url: string])[];
  /** The conformance cases that are broken by the same cause. */
  readonly explains?: readonly string[];
  /** What each saver that has the defect does today, as {@link onPeer} returns it. */
  readonly peers: Partial<Record<PeerName, unknown>>;
  /** Savers that answer as Cairn's do. One that is named nowhere has no such scenario. */
  readonly rightOn?: readonly PeerName[];
  /** What each of Cairn's savers does, as {@link onCairn} returns it. */
  readonly cairn: unknown;

  onPeer(saver: BaseCheckpointSaver, store: PeerStore): Promise<unknown>;
  /** Left out where Cairn's answer can only be seen from inside, and has its test there: `cairn` says which. */
  onCairn?(saver: CheckpointSaver): Promise<unknown>;
}

/** Where the saver's store is, for scenarios that look at the store itself. */
export interface PeerStore {
  readonly name: PeerName;
  /** A folder with `store.db`, or a test database as JSON. */
  readonly location: string;
}
