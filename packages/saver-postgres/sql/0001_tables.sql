-- What: the tables of threads, their streams, checkpoints, channel records and pending writes.
-- Why: the first version.
-- Breaking: no
--
-- @schema stands for the schema's quoted name. Every primary key and unique index begins with thread_id, so that the
-- tables can be partitioned by its hash or distributed by it. Text is compared bytewise (COLLATE "C") whatever the
-- database's locale is. Instants are milliseconds since 1970, as callers' clocks count them.
--
-- `namespace` is the namespace as a JSON text, or its digest where that is longer than an index row bears: the whole text
-- is then in the stream's `long_namespace`.
--
-- Opaque bytes are stored EXTERNAL: they are compressed above the saver or not at all, and trying again costs four fifths
-- of the time of a large commit.

-- One row a thread, and its lease. A lease may be held on a thread that has no checkpoint yet: `origin` is NULL then, and
-- there is no thread. `is_leaving` is set while a large thread is deleted in several transactions: it is invisible from
-- the first one on. `made_by` names the copy or restore that made the thread, so that repeating it is recognised.
-- `incarnation` is another one each time the id is used anew, so that repeating a deletion spares what came after it.
-- `lease_ran_until` is when the lease expired before the last commit renewed it.
-- Rows are updated in place by every commit: room is left in the pages, and no index is on a column that every commit
-- changes.
CREATE TABLE @schema.threads (
  thread_id        text COLLATE "C" NOT NULL PRIMARY KEY,
  origin           text COLLATE "C",
  status           text COLLATE "C",
  created_at       double precision,
  updated_at       double precision,
  updated_hour     double precision,
  row_count        bigint NOT NULL DEFAULT 0,
  is_leaving       boolean NOT NULL DEFAULT false,
  made_by          text COLLATE "C",
  incarnation      uuid NOT NULL DEFAULT gen_random_uuid(),
  lease_token      text COLLATE "C",
  lease_holder     text COLLATE "C",
  lease_fence      bigint,
  lease_ttl_ms     double precision,
  lease_expires_at double precision,
  lease_ran_until  double precision
) WITH (fillfactor = 50);

CREATE INDEX threads_by_status ON @schema.threads (status, thread_id);
-- By the hour of `updated_at`, so that a commit leaves the index alone in all but the first of an hour. (A generated column
-- would be parsed and planned anew in each commit.)
CREATE INDEX threads_by_age ON @schema.threads (updated_hour, status);

-- The metadata tokens of a thread's root head, for finding threads by them.
CREATE TABLE @schema.tokens (
  thread_id text COLLATE "C" NOT NULL,
  token     text COLLATE "C" NOT NULL,
  PRIMARY KEY (thread_id, token)
);
CREATE INDEX tokens_by_token ON @schema.tokens (token, thread_id);

-- `head_writes` is how many pending writes the head has: counted as they come, so that a lost one is noticed. `prune_mark`
-- is another one after each prune: another prune that counted references before it sees that it must recount. `pruned` is
-- what that prune reported, for the repeat of a call whose answer was lost.
CREATE TABLE @schema.streams (
  thread_id      text COLLATE "C" NOT NULL,
  namespace      text COLLATE "C" NOT NULL,
  long_namespace text COLLATE "C",
  last_seq       bigint NOT NULL,
  head_id        text COLLATE "C" NOT NULL,
  head_writes    bigint NOT NULL DEFAULT 0,
  prune_mark     text COLLATE "C" NOT NULL DEFAULT gen_random_uuid()::text,
  pruned         bigint[],
  PRIMARY KEY (thread_id, namespace)
) WITH (fillfactor = 50);

-- `channels` is an array of [channel, seq] pairs.
CREATE TABLE @schema.checkpoints (
  thread_id     text COLLATE "C" NOT NULL,
  namespace     text COLLATE "C" NOT NULL,
  seq           bigint NOT NULL,
  checkpoint_id text COLLATE "C" NOT NULL,
  parent_id     text COLLATE "C",
  created_at    double precision NOT NULL,
  status        text COLLATE "C" NOT NULL,
  digest        text COLLATE "C" NOT NULL,
  tokens        text[] COLLATE "C" NOT NULL,
  channels      json NOT NULL,
  bytes         bytea NOT NULL,
  PRIMARY KEY (thread_id, namespace, seq)
);
CREATE UNIQUE INDEX checkpoints_by_id ON @schema.checkpoints (thread_id, namespace, checkpoint_id);

-- `rests_on` is an array of seqs as text, such as `{35,67}`: half the size of a bigint[], which beside a change of a kilobyte is a
-- sixth of the row.
CREATE TABLE @schema.records (
  thread_id text COLLATE "C" NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  channel   text COLLATE "C" NOT NULL,
  seq       bigint NOT NULL,
  rests_on  text COLLATE "C" NOT NULL,
  bytes     bytea NOT NULL,
  PRIMARY KEY (thread_id, namespace, channel, seq)
);

CREATE TABLE @schema.writes (
  thread_id     text COLLATE "C" NOT NULL,
  namespace     text COLLATE "C" NOT NULL,
  checkpoint_id text COLLATE "C" NOT NULL,
  task_id       text COLLATE "C" NOT NULL,
  key           text COLLATE "C" NOT NULL,
  digest        text COLLATE "C" NOT NULL,
  bytes         bytea NOT NULL,
  PRIMARY KEY (thread_id, namespace, checkpoint_id, task_id, key)
);

ALTER TABLE @schema.checkpoints ALTER COLUMN bytes SET STORAGE EXTERNAL;
ALTER TABLE @schema.records ALTER COLUMN bytes SET STORAGE EXTERNAL;
ALTER TABLE @schema.writes ALTER COLUMN bytes SET STORAGE EXTERNAL;
