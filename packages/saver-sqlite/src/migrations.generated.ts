// Generated from sql/*.sql by scripts/embed-sql.mjs: change the .sql files and run it again.
export const migrations: readonly { name: string; sql: string }[] = [
  {
    name: '0001_initial',
    sql: `-- What: the tables of threads, their streams, checkpoints, channel records and pending writes.
-- Why: the first version.
-- Breaking: no
--
-- Every primary key of a thread's rows begins with thread_id. Text is compared bytewise (BINARY, the default). Tables
-- with small rows are WITHOUT ROWID; those with blobs are not, as rows above a quarter of a page would overflow there.
-- Columns come in the order of use: blobs last, so that reading what is before them never touches their pages.
-- Instants are milliseconds since 1970; REAL where they come from a caller's clock, which may count finer.

-- One row a thread, and its lease. A lease may be held on a thread that has no checkpoint yet: \`origin\` is NULL then,
-- and there is no thread.
CREATE TABLE cairn_threads (
  thread_id        TEXT NOT NULL PRIMARY KEY,
  origin           TEXT,
  status           TEXT,
  created_at       REAL,
  updated_at       REAL,
  row_count        INTEGER NOT NULL DEFAULT 0,
  lease_token      TEXT,
  lease_holder     TEXT,
  lease_fence      INTEGER,
  lease_ttl_ms     REAL,
  lease_expires_at REAL
) STRICT, WITHOUT ROWID;

-- For listing by status; a commit that leaves the status as it is does not touch it.
CREATE INDEX cairn_threads_by_status ON cairn_threads (status, thread_id);

-- The greatest fence ever granted, so that fences also grow across the deletion of a thread.
CREATE TABLE cairn_fence (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  last INTEGER NOT NULL
) STRICT;
INSERT INTO cairn_fence (id, last) VALUES (1, 0);

-- The metadata tokens of a thread's root head, for finding threads by them.
CREATE TABLE cairn_tokens (
  thread_id TEXT NOT NULL,
  token     TEXT NOT NULL,
  PRIMARY KEY (thread_id, token)
) STRICT, WITHOUT ROWID;
CREATE INDEX cairn_tokens_by_token ON cairn_tokens (token, thread_id);

-- \`head_writes\` is how many pending writes the head has: counted as they come, so that a lost one is noticed.
-- \`prune_mark\` is drawn anew by each prune: another prune that counted references before it sees that it must recount.
CREATE TABLE cairn_streams (
  thread_id   TEXT    NOT NULL,
  namespace   TEXT    NOT NULL,
  last_seq    INTEGER NOT NULL,
  head_id     TEXT    NOT NULL,
  head_writes INTEGER NOT NULL,
  prune_mark  TEXT    NOT NULL DEFAULT (hex(randomblob(8))),
  PRIMARY KEY (thread_id, namespace)
) STRICT, WITHOUT ROWID;

-- \`tokens\` is a JSON array of texts; \`channels\` one of [channel, seq] pairs.
CREATE TABLE cairn_checkpoints (
  thread_id     TEXT    NOT NULL,
  namespace     TEXT    NOT NULL,
  seq           INTEGER NOT NULL,
  checkpoint_id TEXT    NOT NULL,
  parent_id     TEXT,
  created_at    REAL    NOT NULL,
  status        TEXT    NOT NULL,
  digest        TEXT    NOT NULL,
  tokens        TEXT    NOT NULL,
  channels      TEXT    NOT NULL,
  bytes         BLOB    NOT NULL,
  PRIMARY KEY (thread_id, namespace, seq)
) STRICT;
CREATE UNIQUE INDEX cairn_checkpoints_by_id ON cairn_checkpoints (thread_id, namespace, checkpoint_id);

-- \`rests_on\` is a JSON array of seqs.
CREATE TABLE cairn_records (
  thread_id TEXT    NOT NULL,
  namespace TEXT    NOT NULL,
  channel   TEXT    NOT NULL,
  seq       INTEGER NOT NULL,
  rests_on  TEXT    NOT NULL,
  bytes     BLOB    NOT NULL,
  PRIMARY KEY (thread_id, namespace, channel, seq)
) STRICT;

CREATE TABLE cairn_writes (
  thread_id     TEXT NOT NULL,
  namespace     TEXT NOT NULL,
  checkpoint_id TEXT NOT NULL,
  task_id       TEXT NOT NULL,
  key           TEXT NOT NULL,
  digest        TEXT NOT NULL,
  bytes         BLOB NOT NULL,
  PRIMARY KEY (thread_id, namespace, checkpoint_id, task_id, key)
) STRICT;
`,
  },
  {
    name: '0002_root_heads',
    sql: `-- What: a thread's root stream is kept on the thread's own row; \`cairn_subgraph_streams\`, in place of \`cairn_streams\`, holds
-- those of its sub-graphs.
-- Why: a commit changes that row anyway: with the head on it, one UPDATE judges every guard and advances the head.
-- Breaking: yes
--
-- The table has another name so that an older version which has the file open already, and so does not see that the
-- migration is breaking, fails at its next statement about a stream, in place of finding that the root streams are gone.

ALTER TABLE cairn_threads RENAME TO cairn_threads_before;

-- \`last_seq\`, \`head_id\`, \`head_writes\` and \`prune_mark\` are the root stream's, as \`cairn_subgraph_streams\` has those of
-- others; \`last_seq\` and \`head_id\` are NULL where there is none. A row may hold one without a thread: what is left of a
-- damaged one. \`head_tokens\` are the head's, as they stand in \`cairn_tokens\`.
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
`,
  },
];
