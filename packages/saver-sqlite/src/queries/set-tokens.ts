/** Keeps `cairn_tokens` at what the thread's root head says, so that threads are found by metadata. */
import { namespaceKey } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { readHead } from '../guards.js';

export const rootNamespace = namespaceKey([]);

const selectTokensOf = 'SELECT tokens FROM cairn_checkpoints WHERE thread_id = ? AND namespace = ? AND seq = ?';

const deleteTokens = 'DELETE FROM cairn_tokens WHERE thread_id = ?';

const insertTokens = 'INSERT OR IGNORE INTO cairn_tokens (thread_id, token) SELECT ?, value FROM json_each(?)';

/** Makes them those of the root head, as it is stored. */
export function refreshTokens(db: Connection, threadId: string): void {
  const head = readHead(db, { thread_id: threadId, namespace: rootNamespace });
  setTokens(db, threadId, readTokens(db, threadId, head?.seq));
}

function readTokens(db: Connection, threadId: string, seq: number | undefined): string {
  if (seq === undefined) return '[]';
  return db.get<{ tokens: string }>(selectTokensOf, threadId, rootNamespace, seq)?.tokens ?? '[]';
}

/** @param tokens - a JSON array. */
export function setTokens(db: Connection, threadId: string, tokens: string): void {
  db.run(deleteTokens, threadId);
  db.run(insertTokens, threadId, tokens);
}
