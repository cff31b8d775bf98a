-- Written by a test from what the migrations make, and compared by it. To change the tables, add a migration.

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

CREATE TABLE cairn_fence (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  last INTEGER NOT NULL
) STRICT;

CREATE TABLE cairn_migrations (
    id         INTEGER NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    breaking   INTEGER NOT NULL,
    applied_at REAL    NOT NULL
  ) STRICT;

CREATE TABLE cairn_records (
  thread_id TEXT    NOT NULL,
  namespace TEXT    NOT NULL,
  channel   TEXT    NOT NULL,
  seq       INTEGER NOT NULL,
  rests_on  TEXT    NOT NULL,
  bytes     BLOB    NOT NULL,
  PRIMARY KEY (thread_id, namespace, channel, seq)
) STRICT;

CREATE TABLE cairn_subgraph_streams (
  thread_id   TEXT    NOT NULL,
  namespace   TEXT    NOT NULL CHECK (namespace <> '[]'),
  last_seq    INTEGER NOT NULL,
  head_id     TEXT    NOT NULL,
  head_writes INTEGER NOT NULL,
  prune_mark  TEXT    NOT NULL DEFAULT (hex(randomblob(8))),
  PRIMARY KEY (thread_id, namespace)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX cairn_threads_by_status ON cairn_threads (status, thread_id);

CREATE TABLE cairn_tokens (
  thread_id TEXT NOT NULL,
  token     TEXT NOT NULL,
  PRIMARY KEY (thread_id, token)
) STRICT, WITHOUT ROWID;

CREATE INDEX cairn_tokens_by_token ON cairn_tokens (token, thread_id);

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
