/** Keeps `cairn_tokens` at what the thread's root head says, so that threads are found by metadata. */
import type { Connection } from '../connection.js';
import { readHead, rootNamespace } from '../stream-heads.js';

const selectTokensOf = 'SELECT tokens FROM cairn_checkpoints WHERE thread_id = ? AND namespace = ? AND seq = ?';

const deleteTokens = 'DELETE FROM cairn_tokens WHERE thread_id = ?';

const insertTokens = 'INSERT OR IGNORE INTO cairn_tokens (thread_id, token) SELECT ?, value FROM json_each(?)';

const noteTokens = 'UPDATE cairn_threads SET head_tokens = ? WHERE thread_id = ?';

/** Makes them those of the root head, as it is stored. */
export function refreshTokens(db: Connection, threadId: string): void {
  const head = readHead(db, { thread_id: threadId, namespace: rootNamespace });
  const tokens = head && db.get<{ tokens: string }>(selectTokensOf, threadId, rootNamespace, head.seq)?.tokens;
  setTokens(db, threadId, tokens ?? '[]');
  db.run(noteTokens, tokens ?? null, threadId);
}

/** @param tokens - a JSON array. */
export function setTokens(db: Connection, threadId: string, tokens: string): void {
  db.run(deleteTokens, threadId);
  db.run(insertTokens, threadId, tokens);
}
