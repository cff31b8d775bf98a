-- Written by a test from what the migrations make, and compared by it. To change the tables, add a migration.

CREATE TABLE cairn.checkpoints (
  thread_id text COLLATE "C" NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  checkpoint_id text COLLATE "C" NOT NULL,
  parent_id text COLLATE "C",
  created_at double precision NOT NULL,
  status text COLLATE "C" NOT NULL,
  digest text COLLATE "C" NOT NULL,
  tokens text[] COLLATE "C" NOT NULL,
  channels json NOT NULL,
  header bytea STORAGE EXTERNAL NOT NULL,
  channel text COLLATE "C",
  rests_on text COLLATE "C",
  record bytea STORAGE EXTERNAL,
  PRIMARY KEY (thread_id, namespace, seq)
);

CREATE TABLE cairn.migrations (
  id integer NOT NULL,
  name text NOT NULL,
  breaking boolean NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now(),
  PRIMARY KEY (id)
);

CREATE TABLE cairn.records (
  thread_id text COLLATE "C" NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  channel text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  rests_on text COLLATE "C" NOT NULL,
  bytes bytea STORAGE EXTERNAL NOT NULL,
  PRIMARY KEY (thread_id, namespace, channel, seq)
);

CREATE TABLE cairn.streams (
  thread_id text COLLATE "C" NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  long_namespace text COLLATE "C",
  last_seq bigint NOT NULL,
  head_id text COLLATE "C" NOT NULL,
  head_writes bigint NOT NULL DEFAULT 0,
  prune_mark text COLLATE "C" NOT NULL DEFAULT (gen_random_uuid())::text,
  pruned bigint[],
  CHECK ((namespace <> '[]'::text)),
  PRIMARY KEY (thread_id, namespace)
) WITH (fillfactor=50);

CREATE TABLE cairn.threads (
  thread_id text COLLATE "C" NOT NULL,
  origin text COLLATE "C",
  status text COLLATE "C",
  created_at double precision,
  updated_at double precision,
  updated_hour double precision,
  row_count bigint NOT NULL DEFAULT 0,
  is_leaving boolean NOT NULL DEFAULT false,
  made_by text COLLATE "C",
  incarnation uuid NOT NULL DEFAULT gen_random_uuid(),
  lease_token text COLLATE "C",
  lease_holder text COLLATE "C",
  lease_fence bigint,
  lease_ttl_ms double precision,
  lease_expires_at double precision,
  lease_ran_until double precision,
  last_seq bigint,
  head_id text COLLATE "C",
  head_writes bigint NOT NULL DEFAULT 0,
  head_tokens text[] COLLATE "C",
  prune_mark text COLLATE "C" NOT NULL DEFAULT (gen_random_uuid())::text,
  pruned bigint[],
  PRIMARY KEY (thread_id)
) WITH (fillfactor=50);

CREATE TABLE cairn.tokens (
  thread_id text COLLATE "C" NOT NULL,
  token text COLLATE "C" NOT NULL,
  PRIMARY KEY (thread_id, token)
);

CREATE TABLE cairn.writes (
  thread_id text COLLATE "C" NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  checkpoint_id text COLLATE "C" NOT NULL,
  task_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  digest text COLLATE "C" NOT NULL,
  bytes bytea STORAGE EXTERNAL NOT NULL,
  PRIMARY KEY (thread_id, namespace, checkpoint_id, task_id, key)
);

CREATE UNIQUE INDEX checkpoints_by_id ON cairn.checkpoints USING btree (thread_id, namespace, checkpoint_id);
CREATE INDEX threads_by_age ON cairn.threads USING btree (updated_hour, status);
CREATE INDEX threads_by_status ON cairn.threads USING btree (status, thread_id) WHERE (status IS NOT NULL);
CREATE INDEX tokens_by_token ON cairn.tokens USING btree (token, thread_id) WHERE (token IS NOT NULL);

CREATE TYPE cairn.lease AS (result text, token text, holder text, fence bigint, expires_at double precision);

CREATE TYPE cairn.outcome AS (result text, detail text, head_id text, last_seq bigint, holder text, expires_at double precision);

CREATE TYPE cairn.part AS (kind text, name text, key text, seq bigint, text text, bytes bytea, parent_id text, created_at double precision, status text, tokens json, channels json, origin text, head_id text, last_seq bigint, head_writes bigint);

CREATE TYPE cairn.pruned AS (checkpoints bigint, records bigint, writes bigint, bytes bigint);

-- FUNCTION cairn.acquire_lease(text,text,text,double precision,boolean) RETURNS cairn.lease VOLATILE SET enable_seqscan=off
-- FUNCTION cairn.claim_thread(text,text) RETURNS cairn.outcome VOLATILE SET enable_seqscan=off
-- FUNCTION cairn.clock_ms() RETURNS double precision VOLATILE
-- FUNCTION cairn.copy_thread(text,text,text,text,text,boolean) RETURNS cairn.outcome VOLATILE SET enable_seqscan=off
-- FUNCTION cairn.delete_thread(text,bigint,boolean,uuid) RETURNS cairn.outcome VOLATILE SET enable_seqscan=off, enable_sort=off
-- FUNCTION cairn.drop_pruned(text,text,text,text,bigint,bigint[],text[],text[],bigint[]) RETURNS cairn.pruned VOLATILE SET enable_seqscan=off, enable_sort=off
-- FUNCTION cairn.droppable(text,text,text[]) RETURNS TABLE(seq bigint, checkpoint_id text, writes bigint) STABLE SET enable_seqscan=off, enable_sort=off
-- FUNCTION cairn.get(text,text,text) RETURNS SETOF cairn.part STABLE SET enable_seqscan=off, enable_sort=off
-- FUNCTION cairn.has_rows(text) RETURNS boolean VOLATILE SET enable_seqscan=off
-- FUNCTION cairn.lease_refusal(text,double precision,text) RETURNS text VOLATILE
-- FUNCTION cairn.make_thread(text) RETURNS cairn.threads VOLATILE SET enable_seqscan=off
-- FUNCTION cairn.outlive_fence(bigint) RETURNS void VOLATILE
-- FUNCTION cairn.place_refusal(text,text,text,bigint,text,boolean,text,text,bigint,text) RETURNS text VOLATILE SET enable_seqscan=off, enable_sort=off
-- PROCEDURE cairn.put(text,text,bigint,text,text,double precision,text,text,text[],json,text,text,text[],json,text[],integer[],bytea) SET enable_seqscan=off
-- PROCEDURE cairn.put_next(text,bigint,text,text,double precision,text,text,text[],json,text,text,text[],bytea,text,text,bytea) SET enable_seqscan=off
-- FUNCTION cairn.put_writes(text,text,text,text,text,double precision,text,text[],text[],integer[],integer[],bytea) RETURNS text VOLATILE SET enable_seqscan=off, enable_sort=off
-- FUNCTION cairn.refresh_tokens(text) RETURNS void VOLATILE SET enable_seqscan=off
-- FUNCTION cairn.refusal(text,text,text,bigint,text,double precision) RETURNS text IMMUTABLE
-- FUNCTION cairn.release_lease(text,text) RETURNS void VOLATILE SET enable_seqscan=off
-- FUNCTION cairn.renew_lease(text,text,double precision) RETURNS cairn.lease VOLATILE SET enable_seqscan=off
-- FUNCTION cairn.take_place(text,text,text,bigint,text,text,boolean,double precision,text,text,text[],text,text,text[],integer) RETURNS text VOLATILE SET enable_seqscan=off
