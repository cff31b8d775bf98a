/**
 * Where streams end, and which table says so: a root stream's head is on its thread's row, which a commit changes anyway; a
 * sub-graph's is in `cairn_subgraph_streams`.
 */
import { type HeadPosition, namespaceKey } from '@cairn/checkpoint-core';
import type { Connection } from './connection.js';

/** A stream, as the tables name it. */
export interface StreamKey {
  readonly thread_id: string;
  readonly namespace: string;
}

export const rootNamespace = namespaceKey([]);

/** All streams, as a table to select from. */
export const allStreams = `(
  SELECT thread_id, '${rootNamespace}' AS namespace, last_seq, head_id, head_writes, prune_mark
  FROM cairn_threads WHERE head_id IS NOT NULL
  UNION ALL
  SELECT thread_id, namespace, last_seq, head_id, head_writes, prune_mark FROM cairn_subgraph_streams)`;

const selectHead = `
  SELECT head_id AS checkpointId, last_seq AS seq FROM ${allStreams} WHERE thread_id = ? AND namespace = ?`;

/** Ends a sub-graph's stream at a checkpoint without pending writes. A root stream advances with its thread: see `put`. */
export const advanceStream = `
  INSERT INTO cairn_subgraph_streams (thread_id, namespace, last_seq, head_id, head_writes) VALUES (?, ?, ?, ?, 0)
  ON CONFLICT (thread_id, namespace)
  DO UPDATE SET last_seq = excluded.last_seq, head_id = excluded.head_id, head_writes = 0`;

const placeRootHead = `
  INSERT INTO cairn_threads (thread_id, last_seq, head_id) VALUES (?, ?, ?)
  ON CONFLICT (thread_id) DO UPDATE SET last_seq = excluded.last_seq, head_id = excluded.head_id`;

const placeStreamHead = `
  INSERT INTO cairn_subgraph_streams (thread_id, namespace, last_seq, head_id, head_writes) VALUES (?, ?, ?, ?, 0)
  ON CONFLICT (thread_id, namespace) DO UPDATE SET last_seq = excluded.last_seq, head_id = excluded.head_id`;

const countRootWrites = 'UPDATE cairn_threads SET head_writes = head_writes + ? WHERE thread_id = ?';

const countStreamWrites = `
  UPDATE cairn_subgraph_streams SET head_writes = head_writes + ? WHERE thread_id = ? AND namespace = ?`;

export function readHead(db: Connection, { thread_id, namespace }: StreamKey): HeadPosition | undefined {
  return db.get<HeadPosition>(selectHead, thread_id, namespace);
}

/** Sets where a stream ends; the count of pending writes that is there stays. */
export function placeHead(
  db: Connection,
  { thread_id, namespace }: StreamKey,
  { seq, checkpointId }: HeadPosition,
): void {
  if (namespace === rootNamespace) db.run(placeRootHead, thread_id, seq, checkpointId);
  else db.run(placeStreamHead, thread_id, namespace, seq, checkpointId);
}

/** Counts pending writes that came to a stream's head. */
export function countWrites(db: Connection, { thread_id, namespace }: StreamKey, added: number): void {
  if (namespace === rootNamespace) db.run(countRootWrites, added, thread_id);
  else db.run(countStreamWrites, added, thread_id, namespace);
}
