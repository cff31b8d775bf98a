-- What: a thread's root stream is kept on the thread's own row; `cairn_subgraph_streams`, in place of `cairn_streams`, holds
-- those of its sub-graphs.
-- Why: a commit changes that row anyway: with the head on it, one UPDATE judges every guard and advances the head.
-- Breaking: yes
--
-- The table has another name so that an older version which has the file open already, and so does not see that the
-- migration is breaking, fails at its next statement about a stream, in place of finding that the root streams are gone.

ALTER TABLE cairn_threads RENAME TO cairn_threads_before;

-- `last_seq`, `head_id`, `head_writes` and `prune_mark` are the root stream's, as `cairn_subgraph_streams` has those of
-- others; `last_seq` and `head_id` are NULL where there is none. A row may hold one without a thread: what is left of a
-- damaged one. `head_tokens` are the head's, as they stand in `cairn_tokens`.
CREATE TABLE cairn_threads (
  thread_id        TEXT NOT NULL PRIMARY KEY,
  origin           TEXT,
  status           TEXT,
  created_at       REAL,
  updated_at       REAL,
  row_count        INTEGER NOT NULL DEFAULT 0,
  last_seq         INTEGER,
  head_id          TEXT,
  head_writes      INTEGER NOT NULL DEFAULT 0,
  head_tokens      TEXT,
  prune_mark       TEXT NOT NULL DEFAULT (hex(randomblob(8))),
  lease_token      TEXT,
  lease_holder     TEXT,
  lease_fence      INTEGER,
  lease_ttl_ms     REAL,
  lease_expires_at REAL
) STRICT, WITHOUT ROWID;

CREATE TABLE cairn_subgraph_streams (
  thread_id   TEXT    NOT NULL,
  namespace   TEXT    NOT NULL CHECK (namespace <> '[]'),
  last_seq    INTEGER NOT NULL,
  head_id     TEXT    NOT NULL,
  head_writes INTEGER NOT NULL,
  prune_mark  TEXT    NOT NULL DEFAULT (hex(randomblob(8))),
  PRIMARY KEY (thread_id, namespace)
) STRICT, WITHOUT ROWID;

INSERT INTO cairn_threads (thread_id, origin, status, created_at, updated_at, row_count, lease_token, lease_holder, lease_fence,
  lease_ttl_ms, lease_expires_at)
SELECT thread_id, origin, status, created_at, updated_at, row_count, lease_token, lease_holder, lease_fence, lease_ttl_ms,
  lease_expires_at
FROM cairn_threads_before;

INSERT INTO cairn_threads (thread_id, last_seq, head_id, head_writes, prune_mark)
SELECT thread_id, last_seq, head_id, head_writes, prune_mark FROM cairn_streams WHERE namespace = '[]'
ON CONFLICT (thread_id) DO UPDATE SET last_seq = excluded.last_seq, head_id = excluded.head_id,
  head_writes = excluded.head_writes, prune_mark = excluded.prune_mark;

UPDATE cairn_threads AS t SET head_tokens = (
  SELECT tokens FROM cairn_checkpoints AS c
  WHERE c.thread_id = t.thread_id AND c.namespace = '[]' AND c.seq = t.last_seq AND c.checkpoint_id = t.head_id);

INSERT INTO cairn_subgraph_streams SELECT * FROM cairn_streams WHERE namespace <> '[]';

DROP TABLE cairn_threads_before;
DROP TABLE cairn_streams;
CREATE INDEX cairn_threads_by_status ON cairn_threads (status, thread_id);
