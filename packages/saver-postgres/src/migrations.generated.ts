// Generated from sql/*.sql by scripts/embed-sql.mjs: change the .sql files and run it again.
export const migrations: readonly { name: string; sql: string }[] = [
  {
    name: '0001_tables',
    sql: `-- What: the tables of threads, their streams, checkpoints, channel records and pending writes.
-- Why: the first version.
-- Breaking: no
--
-- @schema stands for the schema's quoted name. Every primary key and unique index begins with thread_id, so that the
-- tables can be partitioned by its hash or distributed by it. Text is compared bytewise (COLLATE "C") whatever the
-- database's locale is. Instants are milliseconds since 1970, as callers' clocks count them.
--
-- \`namespace\` is the namespace as a JSON text, or its digest where that is longer than an index row bears: the whole text
-- is then in the stream's \`long_namespace\`.
--
-- Opaque bytes are stored EXTERNAL: they are compressed above the saver or not at all, and trying again costs four fifths
-- of the time of a large commit.

-- One row a thread, and its lease. A lease may be held on a thread that has no checkpoint yet: \`origin\` is NULL then, and
-- there is no thread. \`is_leaving\` is set while a large thread is deleted in several transactions: it is invisible from
-- the first one on. \`made_by\` names the copy or restore that made the thread, so that repeating it is recognised.
-- \`incarnation\` is another one each time the id is used anew, so that repeating a deletion spares what came after it.
-- \`lease_ran_until\` is when the lease expired before the last commit renewed it.
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
-- By the hour of \`updated_at\`, so that a commit leaves the index alone in all but the first of an hour. (A generated column
-- would be parsed and planned anew in each commit.)
CREATE INDEX threads_by_age ON @schema.threads (updated_hour, status);

-- The metadata tokens of a thread's root head, for finding threads by them.
CREATE TABLE @schema.tokens (
  thread_id text COLLATE "C" NOT NULL,
  token     text COLLATE "C" NOT NULL,
  PRIMARY KEY (thread_id, token)
);
CREATE INDEX tokens_by_token ON @schema.tokens (token, thread_id);

-- \`head_writes\` is how many pending writes the head has: counted as they come, so that a lost one is noticed. \`prune_mark\`
-- is another one after each prune: another prune that counted references before it sees that it must recount. \`pruned\` is
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

-- \`channels\` is an array of [channel, seq] pairs.
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

-- \`rests_on\` is an array of seqs as text, such as \`{35,67}\`: half the size of a bigint[], which beside a change of a kilobyte is a
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
`,
  },
  {
    name: '0002_locks',
    sql: `-- What: the database's clock, the lock on a thread's row, and the judgement of its lease.
-- Why: every mutation begins with them, so that each guard after them sees what is committed.
-- Breaking: no
--
-- A guard in the very statement that waits for the lock sees the snapshot from before the wait. In a function each
-- statement has a snapshot of its own (READ COMMITTED), and those after the lock are taken after the wait. At stricter
-- levels the wait ends in 40001, and the saver tries again.

-- Names and operators that PostgreSQL resolves by its any-type or by a conversion are qualified or given the exact type
-- throughout: a better fit in a schema of the caller's search path would come before them (CVE-2018-1058). Fixing the path
-- for each function would cost every call some per cent. \`unnest\` of several arrays is syntax, and always PostgreSQL's own.

-- Milliseconds since 1970, now and not as of the transaction's beginning: waiting for a lock takes time too.
CREATE FUNCTION @schema.clock_ms() RETURNS double precision LANGUAGE sql VOLATILE
AS $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000::numeric)::double precision $$;

-- Locks the thread's row, which is made where there is none: it is a row without a thread then, for the caller to fill or
-- to remove.
CREATE FUNCTION @schema.make_thread(p_thread text) RETURNS @schema.threads LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread @schema.threads;
BEGIN
  LOOP
    SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
    IF FOUND THEN RETURN v_thread; END IF;
    INSERT INTO @schema.threads (thread_id) VALUES (p_thread) ON CONFLICT DO NOTHING;
  END LOOP;
END $$;

-- Why a write with this lease token, or with none, is refused; NULL when it is not.
CREATE FUNCTION @schema.lease_refusal(p_stored text, p_expires_at double precision, p_token text)
RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT CASE
    WHEN p_stored IS NULL OR p_expires_at <= @schema.clock_ms()
      THEN CASE WHEN p_token IS NOT NULL THEN 'lease-lost' END
    WHEN p_token IS NULL THEN 'busy'
    WHEN p_token <> p_stored THEN 'lease-lost'
  END
$$;

-- What a mutation answers. \`result\` is \`done\`, or why it was refused; the rest is what the error names.
CREATE TYPE @schema.outcome AS (
  result     text,
  detail     text,
  head_id    text,
  last_seq   bigint,
  holder     text,
  expires_at double precision
);
`,
  },
  {
    name: '0003_commits',
    sql: `-- What: the functions that commit a checkpoint and store pending writes.
-- Why: a commit is one round trip, its plans stay on the server, and its guards are evaluated after the lock.
-- Breaking: no
--
-- Nothing is changed before the last guard has passed. The bytes of several rows come as one value with the length of
-- each: an array of bytea would be sent as text, twice as long, and parsed.
--
-- Plans are kept from when the tables were empty, and all indexes looked alike: a statement must leave no choice. So each
-- names one table and compares whole keys with parameters, and a checkpoint is looked up by its seq and id together, or by
-- \`BETWEEN id AND id ORDER BY id LIMIT 1\`, which one index alone can answer in order. (\`checkpoint_id = id\` was seen to walk
-- a whole stream through the other index.)

-- A refusal: why, and what the error names.
CREATE FUNCTION @schema.refusal(
  p_result text, p_detail text DEFAULT NULL, p_head_id text DEFAULT NULL, p_last_seq bigint DEFAULT NULL,
  p_holder text DEFAULT NULL, p_expires_at double precision DEFAULT NULL
) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.json_build_object('result', p_result, 'detail', p_detail, 'head_id', p_head_id, 'last_seq', p_last_seq,
    'holder', p_holder, 'expires_at', p_expires_at)::text
$$;

-- Why a commit may not have its place; NULL when it may.
CREATE FUNCTION @schema.place_refusal(
  p_thread text, p_namespace text, p_id text, p_seq bigint, p_parent text, p_fork boolean, p_origin text,
  p_thread_origin text, p_last_seq bigint, p_head_id text
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM FROM @schema.checkpoints
  WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id BETWEEN p_id AND p_id
  ORDER BY checkpoint_id LIMIT 1;
  IF FOUND THEN RETURN 'id'; END IF;
  IF p_seq <> coalesce(p_last_seq, 0) + 1 THEN RETURN 'seq'; END IF;
  IF p_thread_origin <> p_origin THEN RETURN 'origin'; END IF;
  IF p_parent IS NOT DISTINCT FROM p_head_id THEN RETURN NULL; END IF;
  IF NOT p_fork OR p_parent IS NULL THEN RETURN 'parent'; END IF;
  PERFORM FROM @schema.checkpoints
  WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id BETWEEN p_parent AND p_parent
  ORDER BY checkpoint_id LIMIT 1;
  RETURN CASE WHEN NOT FOUND THEN 'no-parent' END;
END $$;

-- Answers \`done\`, or a refusal as JSON.
CREATE FUNCTION @schema.put(
  p_thread text, p_namespace text, p_long_namespace text, p_seq bigint, p_id text, p_parent text, p_fork boolean,
  p_created_at double precision, p_status text, p_digest text, p_tokens text[], p_channels json, p_origin text,
  p_lease text, p_consumes text[], p_header bytea,
  p_record_channels text[], p_rests_on text[], p_starts integer[], p_lengths integer[], p_records bytea
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread   @schema.threads;
  v_made     boolean := false;
  v_last_seq bigint;
  v_head_id  text;
  v_tokens   text[];
  v_refusal  text;
  v_result    text;
  v_ran_until double precision;
  v_consumed bigint := 0;
BEGIN
  -- Most commits follow the head, consume nothing and keep the metadata: two statements do them. The first locks the
  -- thread's row by changing it, and judges what the row says once the lock is held. Of the other tables it sees what was there
  -- before; that only spares what would fail. The second judges them anew. Of a row that another had only locked the server
  -- keeps what it judged before the wait: so a lease is asked once more whether it still runs.
  UPDATE @schema.threads SET
    status = p_status,
    updated_at = p_created_at,
    updated_hour = floor(p_created_at / 3600000::double precision),
    row_count = row_count + 1 + pg_catalog.cardinality(p_record_channels),
    lease_ran_until = lease_expires_at,
    lease_expires_at = CASE WHEN p_lease IS NULL THEN lease_expires_at ELSE @schema.clock_ms() + lease_ttl_ms END
  WHERE thread_id = p_thread AND origin = p_origin AND NOT is_leaving
    AND @schema.lease_refusal(lease_token, lease_expires_at, p_lease) IS NULL
    AND EXISTS (
      SELECT FROM @schema.streams
      WHERE thread_id = p_thread AND namespace = p_namespace AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0)
    AND EXISTS (
      SELECT FROM @schema.checkpoints
      WHERE thread_id = p_thread AND namespace = p_namespace AND seq = p_seq - 1 AND checkpoint_id = p_parent
        AND tokens OPERATOR(pg_catalog.=) p_tokens)
  RETURNING lease_ran_until INTO v_ran_until;
  IF FOUND THEN
    WITH advanced AS (
      UPDATE @schema.streams SET last_seq = p_seq, head_id = p_id
      WHERE thread_id = p_thread AND namespace = p_namespace AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0
        AND EXISTS (
          SELECT FROM @schema.checkpoints
          WHERE thread_id = p_thread AND namespace = p_namespace AND seq = p_seq - 1 AND checkpoint_id = p_parent
            AND tokens OPERATOR(pg_catalog.=) p_tokens)
        AND (p_lease IS NULL OR v_ran_until > @schema.clock_ms())
      RETURNING thread_id
    ), header AS (
      INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
        channels, bytes)
      SELECT thread_id, p_namespace, p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels, p_header
      FROM advanced
    ), changed AS (
      INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
      SELECT advanced.thread_id, p_namespace, r.channel, p_seq, r.rests_on, substring(p_records FROM r.start FOR r.length)
      FROM advanced, unnest(p_record_channels, p_rests_on, p_starts, p_lengths) AS r (channel, rests_on, start, length)
    )
    SELECT 'done' INTO v_result FROM advanced;
    IF FOUND THEN RETURN v_result; END IF;
    -- Something changed while this waited. All of it is undone; tried again, it meets things as they are.
    RAISE EXCEPTION 'thread % was changed meanwhile', p_thread USING ERRCODE = 'serialization_failure';
  END IF;

  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF NOT FOUND AND p_lease IS NULL THEN
    v_thread := @schema.make_thread(p_thread);
    v_made := v_thread.origin IS NULL AND v_thread.lease_token IS NULL AND NOT v_thread.is_leaving;
  END IF;
  IF v_thread.is_leaving THEN RETURN @schema.refusal('leaving'); END IF;
  v_refusal := @schema.lease_refusal(v_thread.lease_token, v_thread.lease_expires_at, p_lease);

  -- Of the rest, too, most follow the head: then the compare-and-set says in one step that no guard stands against them.
  IF v_refusal IS NULL AND v_thread.origin = p_origin THEN
    UPDATE @schema.streams SET last_seq = p_seq, head_id = p_id, head_writes = 0
    WHERE thread_id = p_thread AND namespace = p_namespace AND last_seq = p_seq - 1 AND head_id = p_parent;
    IF FOUND THEN
      v_last_seq := p_seq - 1;
      v_head_id := p_parent;
    END IF;
  END IF;

  IF v_last_seq IS NULL THEN
    SELECT last_seq, head_id INTO v_last_seq, v_head_id
    FROM @schema.streams WHERE thread_id = p_thread AND namespace = p_namespace;
    PERFORM FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = p_namespace AND seq = p_seq AND checkpoint_id = p_id AND digest = p_digest;
    IF FOUND THEN
      IF v_made THEN DELETE FROM @schema.threads WHERE thread_id = p_thread; END IF;
      RETURN 'done';
    END IF;
    v_refusal := coalesce(v_refusal,
      @schema.place_refusal(p_thread, p_namespace, p_id, p_seq, p_parent, p_fork, p_origin, v_thread.origin, v_last_seq, v_head_id));
    IF v_refusal IS NOT NULL THEN
      IF v_made THEN DELETE FROM @schema.threads WHERE thread_id = p_thread; END IF;
      RETURN @schema.refusal(v_refusal, v_thread.origin, v_head_id, v_last_seq, v_thread.lease_holder, v_thread.lease_expires_at);
    END IF;
    IF v_last_seq IS NULL THEN
      INSERT INTO @schema.streams (thread_id, namespace, long_namespace, last_seq, head_id)
      VALUES (p_thread, p_namespace, p_long_namespace, p_seq, p_id);
    ELSE
      UPDATE @schema.streams SET last_seq = p_seq, head_id = p_id, head_writes = 0
      WHERE thread_id = p_thread AND namespace = p_namespace;
    END IF;
  END IF;

  -- An id that is taken fails here, and all of it with it.
  INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
    channels, bytes)
  VALUES (p_thread, p_namespace, p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels, p_header);
  IF pg_catalog.cardinality(p_record_channels) = 1 THEN
    INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
    VALUES (p_thread, p_namespace, p_record_channels[1], p_seq, p_rests_on[1], p_records);
  ELSE
    INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
    SELECT p_thread, p_namespace, r.channel, p_seq, r.rests_on, substring(p_records FROM r.start FOR r.length)
    FROM unnest(p_record_channels, p_rests_on, p_starts, p_lengths) AS r (channel, rests_on, start, length);
  END IF;

  IF p_consumes IS NOT NULL THEN
    -- An empty list is all of them.
    DELETE FROM @schema.writes
    WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id = p_parent
      AND (pg_catalog.cardinality(p_consumes) = 0 OR task_id = ANY (p_consumes));
    GET DIAGNOSTICS v_consumed = ROW_COUNT;
  END IF;

  IF p_namespace = '[]' THEN
    -- Metadata seldom changes from one superstep to the next: then there is nothing to write.
    SELECT tokens INTO v_tokens
    FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = p_namespace AND seq = v_last_seq AND checkpoint_id = v_head_id;
    IF (v_tokens OPERATOR(pg_catalog.=) p_tokens) IS NOT TRUE THEN
      DELETE FROM @schema.tokens WHERE thread_id = p_thread;
      INSERT INTO @schema.tokens (thread_id, token) SELECT DISTINCT p_thread, token FROM pg_catalog.unnest(p_tokens) AS t (token);
    END IF;
  END IF;

  UPDATE @schema.threads SET
    origin = p_origin,
    status = p_status,
    created_at = CASE WHEN v_thread.origin IS NULL THEN p_created_at ELSE v_thread.created_at END,
    updated_at = p_created_at,
    updated_hour = floor(p_created_at / 3600000::double precision),
    row_count = v_thread.row_count + 1 + pg_catalog.cardinality(p_record_channels) - v_consumed,
    lease_expires_at = CASE
      WHEN p_lease IS NULL THEN v_thread.lease_expires_at
      ELSE @schema.clock_ms() + v_thread.lease_ttl_ms
    END
  WHERE thread_id = p_thread;
  RETURN 'done';
END $$;

-- Answers as \`put\` does.
CREATE FUNCTION @schema.put_writes(
  p_thread text, p_namespace text, p_id text, p_task text, p_status text, p_created_at double precision, p_lease text,
  p_keys text[], p_digests text[], p_starts integer[], p_lengths integer[], p_bytes bytea
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread   @schema.threads;
  v_last_seq bigint;
  v_head_id  text;
  v_known    bigint := 0;
  v_other    text;
  v_refusal  text;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF v_thread.is_leaving THEN RETURN @schema.refusal('leaving'); END IF;

  SELECT count(*) FILTER (WHERE w.digest = n.digest), min(n.key) FILTER (WHERE w.digest <> n.digest)
  INTO v_known, v_other
  FROM unnest(p_keys, p_digests) AS n (key, digest)
  JOIN @schema.writes AS w
    ON w.thread_id = p_thread AND w.namespace = p_namespace AND w.checkpoint_id = p_id AND w.task_id = p_task
    AND w.key = n.key;
  IF v_known > 0 AND v_known = pg_catalog.cardinality(p_keys) THEN
    RETURN 'done';
  END IF;

  SELECT last_seq, head_id INTO v_last_seq, v_head_id
  FROM @schema.streams WHERE thread_id = p_thread AND namespace = p_namespace;
  v_refusal := @schema.lease_refusal(v_thread.lease_token, v_thread.lease_expires_at, p_lease);
  IF v_refusal IS NULL AND v_head_id IS DISTINCT FROM p_id THEN
    PERFORM FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id BETWEEN p_id AND p_id
    ORDER BY checkpoint_id LIMIT 1;
    v_refusal := CASE WHEN FOUND THEN 'late' ELSE 'no-checkpoint' END;
  END IF;
  IF v_refusal IS NULL AND v_other IS NOT NULL THEN v_refusal := 'other-write'; END IF;
  IF v_refusal IS NOT NULL THEN
    RETURN @schema.refusal(v_refusal, v_other, v_head_id, v_last_seq, v_thread.lease_holder, v_thread.lease_expires_at);
  END IF;
  IF pg_catalog.cardinality(p_keys) = 0 AND p_status IS NULL THEN RETURN 'done'; END IF;

  INSERT INTO @schema.writes (thread_id, namespace, checkpoint_id, task_id, key, digest, bytes)
  SELECT p_thread, p_namespace, p_id, p_task, n.key, n.digest, substring(p_bytes FROM n.start FOR n.length)
  FROM unnest(p_keys, p_digests, p_starts, p_lengths) AS n (key, digest, start, length)
  ON CONFLICT DO NOTHING;
  UPDATE @schema.streams SET head_writes = head_writes + pg_catalog.cardinality(p_keys) - v_known
  WHERE thread_id = p_thread AND namespace = p_namespace AND pg_catalog.cardinality(p_keys) > 0;
  UPDATE @schema.threads SET
    updated_at = p_created_at,
    updated_hour = floor(p_created_at / 3600000::double precision),
    row_count = v_thread.row_count + pg_catalog.cardinality(p_keys) - v_known,
    status = coalesce(p_status, v_thread.status)
  WHERE thread_id = p_thread;
  RETURN 'done';
END $$;
`,
  },
  {
    name: '0004_reads',
    sql: `-- What: the function that reads one checkpoint with all that its values are made of.
-- Why: one round trip and one snapshot (a STABLE function sees the calling statement's), with its plans on the server.
-- Breaking: no
--
-- Rows of three kinds, in one shape: \`header\` (its own columns beside the common ones), \`record\` (name: the channel; text:
-- what it rests on), \`write\` (name: the task; key; text: the digest). Or one row of kind \`lost\` or \`leaving\`.

CREATE TYPE @schema.part AS (
  kind text, name text, key text, seq bigint, text text, bytes bytea,
  parent_id text, created_at double precision, status text, tokens json, channels json, origin text,
  head_id text, last_seq bigint, head_writes bigint
);

CREATE FUNCTION @schema.get(p_thread text, p_namespace text, p_id text)
RETURNS SETOF @schema.part LANGUAGE plpgsql STABLE ROWS 20 AS $$
DECLARE
  v_thread record;
  v_stream record;
  v_header record;
  v_id     text;
BEGIN
  SELECT t.origin, t.is_leaving INTO v_thread FROM @schema.threads AS t WHERE t.thread_id = p_thread;
  IF v_thread.is_leaving THEN RETURN; END IF;
  SELECT s.last_seq, s.head_id, s.head_writes INTO v_stream
  FROM @schema.streams AS s WHERE s.thread_id = p_thread AND s.namespace = p_namespace;
  v_id := coalesce(p_id, v_stream.head_id);
  SELECT c.* INTO v_header FROM @schema.checkpoints AS c
  WHERE c.thread_id = p_thread AND c.namespace = p_namespace AND c.checkpoint_id BETWEEN v_id AND v_id
  ORDER BY c.checkpoint_id LIMIT 1;

  IF v_header.seq IS NULL OR v_stream.head_id IS NULL THEN
    IF p_id IS NULL AND (v_stream.head_id IS NOT NULL OR EXISTS (
      SELECT FROM @schema.checkpoints AS c WHERE c.thread_id = p_thread AND c.namespace = p_namespace)) THEN
      RETURN NEXT ROW('lost', 'the head of a stream', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::@schema.part;
    END IF;
    RETURN;
  END IF;
  IF v_thread.origin IS NULL THEN
    RETURN NEXT ROW('lost', 'its own row', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::@schema.part;
    RETURN;
  END IF;

  RETURN NEXT ROW('header', v_header.checkpoint_id, NULL, v_header.seq, v_header.digest, v_header.bytes,
    v_header.parent_id, v_header.created_at, v_header.status, pg_catalog.to_json(v_header.tokens), v_header.channels, v_thread.origin,
    v_stream.head_id, v_stream.last_seq, v_stream.head_writes)::@schema.part;

  -- OFFSET 0 keeps each look-up one by its whole key, whatever the planner believes of the table's size.
  RETURN QUERY
  WITH newest AS MATERIALIZED (
    SELECT r.*
    FROM json_array_elements(v_header.channels) AS version
    CROSS JOIN LATERAL (
      SELECT r.channel, r.seq, r.rests_on, r.bytes FROM @schema.records AS r
      WHERE r.thread_id = p_thread AND r.namespace = p_namespace
        AND r.channel = version ->> 0 AND r.seq = (version ->> 1)::bigint
      OFFSET 0) AS r
  ), needed AS (
    SELECT * FROM newest
    UNION ALL
    SELECT base.* FROM newest
    CROSS JOIN LATERAL pg_catalog.unnest(newest.rests_on::bigint[]) AS older (seq)
    CROSS JOIN LATERAL (
      SELECT r.channel, r.seq, r.rests_on, r.bytes FROM @schema.records AS r
      WHERE r.thread_id = p_thread AND r.namespace = p_namespace AND r.channel = newest.channel AND r.seq = older.seq
      OFFSET 0) AS base
  )
  SELECT 'record', n.channel, NULL::text, n.seq, n.rests_on, n.bytes,
    NULL::text, NULL::double precision, NULL::text, NULL::json, NULL::json, NULL::text, NULL::text, NULL::bigint, NULL::bigint
  FROM needed AS n;

  RETURN QUERY
  SELECT 'write', w.task_id, w.key, NULL::bigint, w.digest, w.bytes,
    NULL::text, NULL::double precision, NULL::text, NULL::json, NULL::json, NULL::text, NULL::text, NULL::bigint, NULL::bigint
  FROM @schema.writes AS w
  WHERE w.thread_id = p_thread AND w.namespace = p_namespace AND w.checkpoint_id = v_header.checkpoint_id
  ORDER BY w.task_id, w.key;
END $$;
`,
  },
  {
    name: '0005_leases',
    sql: `-- What: the functions that take, renew and give back a thread's lease.
-- Why: a lease is judged by the database's clock, with the thread's row locked.
-- Breaking: no

CREATE TYPE @schema.lease AS (
  result     text,
  token      text,
  holder     text,
  fence      bigint,
  expires_at double precision
);

CREATE FUNCTION @schema.acquire_lease(
  p_thread text, p_token text, p_holder text, p_ttl_ms double precision, p_replace boolean
) RETURNS @schema.lease LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread  @schema.threads := @schema.make_thread(p_thread);
  v_now     double precision := @schema.clock_ms();
  v_is_live boolean := v_thread.lease_token IS NOT NULL AND v_thread.lease_expires_at > v_now;
  v_token   text := p_token;
  v_fence   bigint := greatest(v_thread.lease_fence + 1, v_now::bigint);
BEGIN
  IF v_thread.is_leaving THEN RETURN ROW('leaving', NULL, NULL, NULL, NULL)::@schema.lease; END IF;
  IF v_is_live AND v_thread.lease_holder = p_holder THEN
    v_token := v_thread.lease_token;
    v_fence := v_thread.lease_fence;
  ELSIF v_is_live AND NOT p_replace THEN
    RETURN ROW('busy', NULL, v_thread.lease_holder, NULL, v_thread.lease_expires_at)::@schema.lease;
  END IF;
  UPDATE @schema.threads SET lease_token = v_token, lease_holder = p_holder, lease_fence = v_fence,
    lease_ttl_ms = p_ttl_ms, lease_expires_at = v_now + p_ttl_ms
  WHERE thread_id = p_thread;
  RETURN ROW('done', v_token, p_holder, v_fence, v_now + p_ttl_ms)::@schema.lease;
END $$;

CREATE FUNCTION @schema.renew_lease(p_thread text, p_token text, p_ttl_ms double precision)
RETURNS @schema.lease LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread @schema.threads;
  v_now    double precision;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF @schema.lease_refusal(v_thread.lease_token, v_thread.lease_expires_at, p_token) IS NOT NULL THEN
    RETURN ROW('lease-lost', NULL, NULL, NULL, NULL)::@schema.lease;
  END IF;
  v_now := @schema.clock_ms();
  UPDATE @schema.threads SET lease_ttl_ms = p_ttl_ms, lease_expires_at = v_now + p_ttl_ms WHERE thread_id = p_thread;
  RETURN ROW('done', p_token, v_thread.lease_holder, v_thread.lease_fence, v_now + p_ttl_ms)::@schema.lease;
END $$;

-- Waits until the clock has passed a fence, so that the next one is greater although nothing of this one is left. That is
-- a millisecond at most, unless fences were granted faster than one a millisecond, or the clock was set back.
CREATE FUNCTION @schema.outlive_fence(p_fence bigint) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  FOR i IN 1..20 LOOP
    EXIT WHEN p_fence IS NULL OR @schema.clock_ms() > p_fence;
    PERFORM pg_catalog.pg_sleep(0.001);
  END LOOP;
END $$;

CREATE FUNCTION @schema.release_lease(p_thread text, p_token text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread @schema.threads;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF v_thread.lease_token IS DISTINCT FROM p_token THEN RETURN; END IF;
  IF v_thread.origin IS NULL AND NOT v_thread.is_leaving THEN
    -- A row that was made for the lease goes with it.
    PERFORM @schema.outlive_fence(v_thread.lease_fence);
    DELETE FROM @schema.threads WHERE thread_id = p_thread;
  ELSE
    -- The fence stays, for the next one to be greater.
    UPDATE @schema.threads SET lease_token = NULL, lease_holder = NULL, lease_ttl_ms = NULL, lease_expires_at = NULL
    WHERE thread_id = p_thread;
  END IF;
END $$;
`,
  },
  {
    name: '0006_threads',
    sql: `-- What: the functions that copy a thread, delete one, and make an empty place for one.
-- Why: each is one round trip a transaction, with its guards after the lock.
-- Breaking: no

-- Whether any row of the thread is there, orphans of a damaged one too.
CREATE FUNCTION @schema.has_rows(p_thread text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM @schema.streams WHERE thread_id = p_thread)
    OR EXISTS (SELECT FROM @schema.checkpoints WHERE thread_id = p_thread)
    OR EXISTS (SELECT FROM @schema.records WHERE thread_id = p_thread)
    OR EXISTS (SELECT FROM @schema.writes WHERE thread_id = p_thread);
END $$;

-- Locks an id for a thread that is about to be made, or says why none may be: \`exists\`, \`busy\`, \`leaving\`; \`made\` when the
-- very same call has made it already.
CREATE FUNCTION @schema.claim_thread(p_thread text, p_made_by text) RETURNS @schema.outcome LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread  @schema.threads := @schema.make_thread(p_thread);
  v_is_new  boolean := v_thread.origin IS NULL AND v_thread.lease_token IS NULL AND NOT v_thread.is_leaving;
  v_refusal text;
BEGIN
  IF v_thread.is_leaving THEN
    v_refusal := 'leaving';
  ELSIF v_thread.made_by = p_made_by THEN
    v_refusal := 'made';
  ELSIF v_thread.origin IS NOT NULL OR @schema.has_rows(p_thread) THEN
    v_refusal := 'exists';
  ELSE
    v_refusal := @schema.lease_refusal(v_thread.lease_token, v_thread.lease_expires_at, NULL);
  END IF;
  IF v_refusal IS NOT NULL AND v_is_new THEN DELETE FROM @schema.threads WHERE thread_id = p_thread; END IF;
  IF v_refusal IS NULL THEN
    UPDATE @schema.threads SET made_by = p_made_by, lease_token = NULL, lease_holder = NULL, lease_ttl_ms = NULL,
      lease_expires_at = NULL
    WHERE thread_id = p_thread;
  END IF;
  RETURN ROW(coalesce(v_refusal, 'done'), NULL, NULL, NULL, v_thread.lease_holder, v_thread.lease_expires_at)::@schema.outcome;
END $$;

-- Makes the tokens those of the root head, as it is stored.
CREATE FUNCTION @schema.refresh_tokens(p_thread text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq    bigint;
  v_id     text;
  v_tokens text[];
BEGIN
  SELECT last_seq, head_id INTO v_seq, v_id FROM @schema.streams WHERE thread_id = p_thread AND namespace = '[]';
  SELECT tokens INTO v_tokens FROM @schema.checkpoints
  WHERE thread_id = p_thread AND namespace = '[]' AND seq = v_seq AND checkpoint_id = v_id;
  DELETE FROM @schema.tokens WHERE thread_id = p_thread AND token <> ALL (coalesce(v_tokens, '{}'));
  INSERT INTO @schema.tokens (thread_id, token)
  SELECT DISTINCT p_thread, token FROM pg_catalog.unnest(v_tokens) AS t (token) ON CONFLICT DO NOTHING;
END $$;

-- Copies a thread below the line. Only the target is locked: one statement reads the whole source from one snapshot, and a
-- source that is written to meanwhile is copied as it was then.
CREATE FUNCTION @schema.copy_thread(
  p_from text, p_to text, p_made_by text, p_namespace text, p_id text, p_has_end boolean
) RETURNS @schema.outcome LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_outcome @schema.outcome := @schema.claim_thread(p_to, p_made_by);
  v_found   boolean;
  v_ended   boolean;
BEGIN
  -- Of the source's refusals and the target's, the source's comes first.
  PERFORM FROM @schema.threads WHERE thread_id = p_from AND origin IS NOT NULL;
  v_found := FOUND;
  IF NOT v_found OR v_outcome.result <> 'done' THEN
    IF v_outcome.result = 'done' THEN DELETE FROM @schema.threads WHERE thread_id = p_to; END IF;
    IF NOT v_found AND v_outcome.result NOT IN ('made', 'leaving') THEN v_outcome.result := 'no-thread'; END IF;
    RETURN v_outcome;
  END IF;

  WITH source AS MATERIALIZED (
    SELECT * FROM @schema.threads WHERE thread_id = p_from AND origin IS NOT NULL
  ), ending AS MATERIALIZED (
    SELECT c.namespace, c.seq, c.checkpoint_id, c.status FROM @schema.checkpoints AS c
    WHERE p_has_end AND c.thread_id = p_from AND c.namespace = p_namespace AND c.checkpoint_id = coalesce(p_id, (
      SELECT head_id FROM @schema.streams WHERE thread_id = p_from AND namespace = p_namespace))
  ), later AS MATERIALIZED (
    SELECT c.namespace, c.seq, c.checkpoint_id FROM @schema.checkpoints AS c
    WHERE c.thread_id = p_from AND c.namespace = p_namespace AND c.seq > (SELECT seq FROM ending)
  ), copied_checkpoints AS (
    INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
      channels, bytes)
    SELECT p_to, c.namespace, c.seq, c.checkpoint_id, c.parent_id, c.created_at, c.status, c.digest, c.tokens, c.channels,
      c.bytes
    FROM @schema.checkpoints AS c
    WHERE c.thread_id = p_from AND NOT EXISTS (SELECT FROM ending AS e WHERE c.namespace = e.namespace AND c.seq > e.seq)
  ), copied_records AS (
    INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
    SELECT p_to, r.namespace, r.channel, r.seq, r.rests_on, r.bytes
    FROM @schema.records AS r
    WHERE r.thread_id = p_from AND NOT EXISTS (SELECT FROM ending AS e WHERE r.namespace = e.namespace AND r.seq > e.seq)
  ), copied_writes AS (
    INSERT INTO @schema.writes (thread_id, namespace, checkpoint_id, task_id, key, digest, bytes)
    SELECT p_to, w.namespace, w.checkpoint_id, w.task_id, w.key, w.digest, w.bytes
    FROM @schema.writes AS w
    WHERE w.thread_id = p_from AND NOT EXISTS (
      SELECT FROM later AS l WHERE w.namespace = l.namespace AND w.checkpoint_id = l.checkpoint_id)
  ), copied_streams AS (
    -- The source's head keeps its count of writes; an older checkpoint has none yet.
    INSERT INTO @schema.streams (thread_id, namespace, long_namespace, last_seq, head_id, head_writes)
    SELECT p_to, s.namespace, s.long_namespace, coalesce(e.seq, s.last_seq), coalesce(e.checkpoint_id, s.head_id),
      CASE WHEN e.checkpoint_id IS NULL OR e.checkpoint_id = s.head_id THEN s.head_writes ELSE (
        SELECT count(*) FROM @schema.writes AS w
        WHERE w.thread_id = p_from AND w.namespace = s.namespace AND w.checkpoint_id = e.checkpoint_id) END
    FROM @schema.streams AS s LEFT JOIN ending AS e ON e.namespace = s.namespace
    WHERE s.thread_id = p_from
  ), copied_thread AS (
    -- The count is the source's, less what was left out, so that a missing row of the source shows in the copy too.
    UPDATE @schema.threads AS t SET
      origin = s.origin, status = coalesce((SELECT status FROM ending), s.status),
      created_at = s.created_at, updated_at = s.updated_at, updated_hour = s.updated_hour,
      row_count = s.row_count
        - (SELECT count(*) FROM later)
        - (SELECT count(*) FROM @schema.records AS r
           WHERE r.thread_id = p_from AND r.namespace = p_namespace AND r.seq > (SELECT seq FROM ending))
        - (SELECT count(*) FROM @schema.writes AS w JOIN later AS l
           ON w.thread_id = p_from AND w.namespace = l.namespace AND w.checkpoint_id = l.checkpoint_id)
    FROM source AS s WHERE t.thread_id = p_to
  )
  SELECT EXISTS (SELECT FROM source), EXISTS (SELECT FROM ending) INTO v_found, v_ended;

  IF NOT v_found OR (p_has_end AND NOT v_ended) THEN
    -- What was copied goes again with the transaction: the caller rolls it back.
    RAISE EXCEPTION USING ERRCODE = 'CN404', MESSAGE = CASE WHEN v_found THEN 'no-checkpoint' ELSE 'no-thread' END;
  END IF;
  PERFORM @schema.refresh_tokens(p_to);
  RETURN v_outcome;
END $$;

-- Deletes up to p_limit rows of a thread. \`more\` when rows are left: the thread is invisible then, and the id can't be used
-- before the last row is gone. \`done\` with the last of them. Only the incarnation is deleted that the caller has seen (NULL:
-- none), or what is leaving already: another one was made after a deletion whose answer was lost.
CREATE FUNCTION @schema.delete_thread(p_thread text, p_limit bigint, p_go_on boolean, p_incarnation uuid)
RETURNS @schema.outcome LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread @schema.threads;
  v_row    record;
  v_left   bigint := p_limit;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF NOT FOUND THEN
    IF p_go_on OR NOT @schema.has_rows(p_thread) THEN
      RETURN ROW('done', NULL, NULL, NULL, NULL, NULL)::@schema.outcome;
    END IF;
    v_thread := @schema.make_thread(p_thread);
  ELSIF NOT v_thread.is_leaving AND (p_go_on OR v_thread.incarnation IS DISTINCT FROM p_incarnation) THEN
    RETURN ROW('done', NULL, NULL, NULL, NULL, NULL)::@schema.outcome;
  END IF;
  IF @schema.lease_refusal(v_thread.lease_token, v_thread.lease_expires_at, NULL) IS NOT NULL THEN
    RETURN ROW('busy', NULL, NULL, NULL, v_thread.lease_holder, v_thread.lease_expires_at)::@schema.outcome;
  END IF;

  -- One by one and by the whole key: a join might walk the thread for each batch.
  FOR v_row IN
    SELECT namespace, checkpoint_id, task_id, key FROM @schema.writes WHERE thread_id = p_thread
    ORDER BY namespace, checkpoint_id, task_id, key LIMIT v_left
  LOOP
    DELETE FROM @schema.writes
    WHERE thread_id = p_thread AND namespace = v_row.namespace AND checkpoint_id = v_row.checkpoint_id
      AND task_id = v_row.task_id AND key = v_row.key;
    v_left := v_left - 1;
  END LOOP;
  FOR v_row IN
    SELECT namespace, channel, seq FROM @schema.records WHERE thread_id = p_thread
    ORDER BY namespace, channel, seq LIMIT v_left
  LOOP
    DELETE FROM @schema.records
    WHERE thread_id = p_thread AND namespace = v_row.namespace AND channel = v_row.channel AND seq = v_row.seq;
    v_left := v_left - 1;
  END LOOP;
  FOR v_row IN
    SELECT namespace, seq, checkpoint_id FROM @schema.checkpoints WHERE thread_id = p_thread
    ORDER BY namespace, seq LIMIT v_left
  LOOP
    DELETE FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = v_row.namespace AND seq = v_row.seq
      AND checkpoint_id = v_row.checkpoint_id;
    v_left := v_left - 1;
  END LOOP;
  FOR v_row IN
    SELECT namespace FROM @schema.streams WHERE thread_id = p_thread ORDER BY namespace LIMIT v_left
  LOOP
    DELETE FROM @schema.streams WHERE thread_id = p_thread AND namespace = v_row.namespace;
    v_left := v_left - 1;
  END LOOP;
  DELETE FROM @schema.tokens WHERE thread_id = p_thread;

  IF v_left = 0 AND @schema.has_rows(p_thread) THEN
    UPDATE @schema.threads SET is_leaving = true, origin = NULL, status = NULL, lease_token = NULL WHERE thread_id = p_thread;
    RETURN ROW('more', NULL, NULL, NULL, NULL, NULL)::@schema.outcome;
  END IF;
  PERFORM @schema.outlive_fence(v_thread.lease_fence);
  DELETE FROM @schema.threads WHERE thread_id = p_thread;
  RETURN ROW('done', NULL, NULL, NULL, NULL, NULL)::@schema.outcome;
END $$;
`,
  },
  {
    name: '0007_prune',
    sql: `-- What: the function that drops some checkpoints of a stream, and records that nothing needs.
-- Why: what may go was counted before, without a lock; whether it still may is judged here, with the lock held.
-- Breaking: no

CREATE TYPE @schema.pruned AS (
  checkpoints bigint,
  records     bigint,
  writes      bigint,
  bytes       bigint
);

-- Records are given by channel and seq. One that a checkpoint needs which was committed after the count, above p_up_to,
-- stays. NULL when the count no longer holds, as another prune came between; nothing is dropped then. A repeat, known by its
-- new mark, answers what was dropped the first time.
CREATE FUNCTION @schema.prune(
  p_thread text, p_namespace text, p_mark text, p_new_mark text, p_up_to bigint,
  p_seqs bigint[], p_ids text[], p_channels text[], p_record_seqs bigint[]
) RETURNS @schema.pruned LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread  text;
  v_stream  record;
  v_needed  text[];
  v_size    bigint;
  v_writes  record;
  v_report  @schema.pruned := ROW(0, 0, 0, 0)::@schema.pruned;
BEGIN
  SELECT thread_id INTO v_thread FROM @schema.threads WHERE thread_id = p_thread AND NOT is_leaving FOR UPDATE;
  SELECT last_seq, head_id, prune_mark, pruned INTO v_stream
  FROM @schema.streams WHERE thread_id = p_thread AND namespace = p_namespace;
  IF v_stream.prune_mark = p_new_mark THEN
    RETURN ROW(v_stream.pruned[1], v_stream.pruned[2], v_stream.pruned[3], v_stream.pruned[4])::@schema.pruned;
  END IF;
  IF v_thread IS NULL OR v_stream.prune_mark IS DISTINCT FROM p_mark THEN RETURN NULL; END IF;

  IF v_stream.last_seq > p_up_to THEN
    WITH newest AS (
      SELECT version ->> 0 AS channel, (version ->> 1)::bigint AS seq
      FROM @schema.checkpoints AS c CROSS JOIN LATERAL json_array_elements(c.channels) AS version
      WHERE c.thread_id = p_thread AND c.namespace = p_namespace AND c.seq > p_up_to
    ), bases AS (
      SELECT n.channel, pg_catalog.unnest(r.rests_on::bigint[]) AS seq FROM (SELECT DISTINCT * FROM newest) AS n
      CROSS JOIN LATERAL (
        SELECT rests_on FROM @schema.records AS r
        WHERE r.thread_id = p_thread AND r.namespace = p_namespace AND r.channel = n.channel AND r.seq = n.seq OFFSET 0) AS r
    )
    SELECT pg_catalog.array_agg(pg_catalog.concat(seq, '/', channel)) INTO v_needed FROM (SELECT * FROM newest UNION SELECT * FROM bases) AS needed;
  END IF;

  -- One by one and by the whole key: a join might walk the stream.
  FOR i IN 1 .. pg_catalog.cardinality(p_seqs) LOOP
    CONTINUE WHEN p_ids[i] = v_stream.head_id;
    DELETE FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = p_namespace AND seq = p_seqs[i] AND checkpoint_id = p_ids[i]
    RETURNING octet_length(bytes) INTO v_size;
    CONTINUE WHEN NOT FOUND;
    v_report.checkpoints := v_report.checkpoints + 1;
    v_report.bytes := v_report.bytes + v_size;
    WITH dropped AS (
      DELETE FROM @schema.writes WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id = p_ids[i]
      RETURNING octet_length(bytes) AS size)
    SELECT count(*) AS count, coalesce(sum(size), 0) AS size INTO v_writes FROM dropped;
    v_report.writes := v_report.writes + v_writes.count;
    v_report.bytes := v_report.bytes + v_writes.size;
  END LOOP;
  FOR i IN 1 .. pg_catalog.cardinality(p_channels) LOOP
    CONTINUE WHEN pg_catalog.concat(p_record_seqs[i], '/', p_channels[i]) = ANY (v_needed);
    DELETE FROM @schema.records
    WHERE thread_id = p_thread AND namespace = p_namespace AND channel = p_channels[i] AND seq = p_record_seqs[i]
    RETURNING octet_length(bytes) INTO v_size;
    CONTINUE WHEN NOT FOUND;
    v_report.records := v_report.records + 1;
    v_report.bytes := v_report.bytes + v_size;
  END LOOP;

  UPDATE @schema.threads SET row_count = row_count - v_report.checkpoints - v_report.records - v_report.writes
  WHERE thread_id = p_thread;
  UPDATE @schema.streams SET prune_mark = p_new_mark,
    pruned = ARRAY[v_report.checkpoints, v_report.records, v_report.writes, v_report.bytes]
  WHERE thread_id = p_thread AND namespace = p_namespace;
  RETURN v_report;
END $$;
`,
  },
  {
    name: '0008_root_heads',
    sql: `-- What: a thread's root stream is kept on the thread's own row; \`streams\` holds those of its sub-graphs.
-- Why: a commit locks and changes that row anyway: with the head on it, one UPDATE judges every guard and advances the head.
-- Breaking: yes
--
-- An older version would look for the root stream in \`streams\`, where the constraint keeps it from storing one.

-- \`last_seq\`, \`head_id\`, \`head_writes\`, \`prune_mark\` and \`pruned\` are the root stream's, as \`streams\` has them; \`last_seq\` and
-- \`head_id\` are NULL where there is none. A row may hold one without a thread: what is left of a damaged one. \`head_tokens\`
-- are the head's, as they stand in \`tokens\`.
ALTER TABLE @schema.threads
  ADD COLUMN last_seq    bigint,
  ADD COLUMN head_id     text COLLATE "C",
  ADD COLUMN head_writes bigint NOT NULL DEFAULT 0,
  ADD COLUMN head_tokens text[] COLLATE "C",
  ADD COLUMN prune_mark  text COLLATE "C" NOT NULL DEFAULT gen_random_uuid()::text,
  ADD COLUMN pruned      bigint[];

INSERT INTO @schema.threads (thread_id)
SELECT s.thread_id FROM @schema.streams AS s WHERE s.namespace = '[]'
ON CONFLICT DO NOTHING;

UPDATE @schema.threads AS t SET last_seq = s.last_seq, head_id = s.head_id, head_writes = s.head_writes,
  prune_mark = s.prune_mark, pruned = s.pruned
FROM @schema.streams AS s
WHERE s.thread_id = t.thread_id AND s.namespace = '[]';

UPDATE @schema.threads AS t SET head_tokens = c.tokens
FROM @schema.checkpoints AS c
WHERE c.thread_id = t.thread_id AND c.namespace = '[]' AND c.seq = t.last_seq AND c.checkpoint_id = t.head_id;

DELETE FROM @schema.streams WHERE namespace = '[]';
ALTER TABLE @schema.streams ADD CONSTRAINT streams_are_below_the_root CHECK (namespace <> '[]');

-- A row that holds an orphaned root stream is no row that was made for a lease: it stays when the lease goes.
CREATE OR REPLACE FUNCTION @schema.release_lease(p_thread text, p_token text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread @schema.threads;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF v_thread.lease_token IS DISTINCT FROM p_token THEN RETURN; END IF;
  IF v_thread.origin IS NULL AND v_thread.head_id IS NULL AND NOT v_thread.is_leaving THEN
    -- A row that was made for the lease goes with it.
    PERFORM @schema.outlive_fence(v_thread.lease_fence);
    DELETE FROM @schema.threads WHERE thread_id = p_thread;
  ELSE
    -- The fence stays, for the next one to be greater.
    UPDATE @schema.threads SET lease_token = NULL, lease_holder = NULL, lease_ttl_ms = NULL, lease_expires_at = NULL
    WHERE thread_id = p_thread;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION @schema.prune(
  p_thread text, p_namespace text, p_mark text, p_new_mark text, p_up_to bigint,
  p_seqs bigint[], p_ids text[], p_channels text[], p_record_seqs bigint[]
) RETURNS @schema.pruned LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread  @schema.threads;
  v_stream  record;
  v_needed  text[];
  v_size    bigint;
  v_writes  record;
  v_report  @schema.pruned := ROW(0, 0, 0, 0)::@schema.pruned;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF p_namespace = '[]' THEN
    SELECT v_thread.last_seq, v_thread.head_id, v_thread.prune_mark, v_thread.pruned INTO v_stream;
  ELSE
    SELECT last_seq, head_id, prune_mark, pruned INTO v_stream
    FROM @schema.streams WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;
  IF v_stream.prune_mark = p_new_mark THEN
    RETURN ROW(v_stream.pruned[1], v_stream.pruned[2], v_stream.pruned[3], v_stream.pruned[4])::@schema.pruned;
  END IF;
  IF v_thread.is_leaving IS NOT FALSE OR v_stream.prune_mark IS DISTINCT FROM p_mark THEN RETURN NULL; END IF;

  IF v_stream.last_seq > p_up_to THEN
    WITH newest AS (
      SELECT version ->> 0 AS channel, (version ->> 1)::bigint AS seq
      FROM @schema.checkpoints AS c CROSS JOIN LATERAL json_array_elements(c.channels) AS version
      WHERE c.thread_id = p_thread AND c.namespace = p_namespace AND c.seq > p_up_to
    ), bases AS (
      SELECT n.channel, pg_catalog.unnest(r.rests_on::bigint[]) AS seq FROM (SELECT DISTINCT * FROM newest) AS n
      CROSS JOIN LATERAL (
        SELECT rests_on FROM @schema.records AS r
        WHERE r.thread_id = p_thread AND r.namespace = p_namespace AND r.channel = n.channel AND r.seq = n.seq OFFSET 0) AS r
    )
    SELECT pg_catalog.array_agg(pg_catalog.concat(seq, '/', channel)) INTO v_needed FROM (SELECT * FROM newest UNION SELECT * FROM bases) AS needed;
  END IF;

  -- One by one and by the whole key: a join might walk the stream.
  FOR i IN 1 .. pg_catalog.cardinality(p_seqs) LOOP
    CONTINUE WHEN p_ids[i] = v_stream.head_id;
    DELETE FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = p_namespace AND seq = p_seqs[i] AND checkpoint_id = p_ids[i]
    RETURNING octet_length(bytes) INTO v_size;
    CONTINUE WHEN NOT FOUND;
    v_report.checkpoints := v_report.checkpoints + 1;
    v_report.bytes := v_report.bytes + v_size;
    WITH dropped AS (
      DELETE FROM @schema.writes WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id = p_ids[i]
      RETURNING octet_length(bytes) AS size)
    SELECT count(*) AS count, coalesce(sum(size), 0) AS size INTO v_writes FROM dropped;
    v_report.writes := v_report.writes + v_writes.count;
    v_report.bytes := v_report.bytes + v_writes.size;
  END LOOP;
  FOR i IN 1 .. pg_catalog.cardinality(p_channels) LOOP
    CONTINUE WHEN pg_catalog.concat(p_record_seqs[i], '/', p_channels[i]) = ANY (v_needed);
    DELETE FROM @schema.records
    WHERE thread_id = p_thread AND namespace = p_namespace AND channel = p_channels[i] AND seq = p_record_seqs[i]
    RETURNING octet_length(bytes) INTO v_size;
    CONTINUE WHEN NOT FOUND;
    v_report.records := v_report.records + 1;
    v_report.bytes := v_report.bytes + v_size;
  END LOOP;

  UPDATE @schema.threads SET row_count = row_count - v_report.checkpoints - v_report.records - v_report.writes
  WHERE thread_id = p_thread;
  IF p_namespace = '[]' THEN
    UPDATE @schema.threads SET prune_mark = p_new_mark,
      pruned = ARRAY[v_report.checkpoints, v_report.records, v_report.writes, v_report.bytes]
    WHERE thread_id = p_thread;
  ELSE
    UPDATE @schema.streams SET prune_mark = p_new_mark,
      pruned = ARRAY[v_report.checkpoints, v_report.records, v_report.writes, v_report.bytes]
    WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;
  RETURN v_report;
END $$;
`,
  },
  {
    name: '0009_commits_on_root_heads',
    sql: `-- What: the functions that commit a checkpoint, store pending writes and read a checkpoint, with the root stream on the
--   thread's row.
-- Why: a commit that follows the root head is three statements, each on one table by one key.
-- Breaking: yes
--
-- What 0003 says of plans holds on. Of an unnamed statement each parameter takes the server and the sender some two hundredth of
-- a commit's time: so there are few. \`p_bytes\` are the header's and then each record's, and \`p_ends\` where each of them ends.
-- \`p_records\` are the channels of the records, and then what each rests on. \`p_rest\` is what few commits have: \`fork\`, and the
-- \`long_namespace\`.

DROP FUNCTION @schema.put(text, text, text, bigint, text, text, boolean, double precision, text, text, text[], json, text, text,
  text[], bytea, text[], text[], integer[], integer[], bytea);

-- Takes the place of a commit: locks the thread, judges every guard, consumes pending writes and advances the stream. NULL when
-- that is done, and the checkpoint is to be stored; else what \`put\` answers.
CREATE FUNCTION @schema.take_place(
  p_thread text, p_namespace text, p_long_namespace text, p_seq bigint, p_id text, p_parent text, p_fork boolean,
  p_created_at double precision, p_status text, p_digest text, p_tokens text[], p_origin text, p_lease text, p_consumes text[],
  p_new_rows integer
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread   @schema.threads;
  v_made     boolean := false;
  v_last_seq bigint;
  v_head_id  text;
  v_refusal  text;
  v_consumed bigint := 0;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF NOT FOUND AND p_lease IS NULL THEN
    v_thread := @schema.make_thread(p_thread);
    v_made := v_thread.origin IS NULL AND v_thread.head_id IS NULL AND v_thread.lease_token IS NULL AND NOT v_thread.is_leaving;
  END IF;
  IF v_thread.is_leaving THEN RETURN @schema.refusal('leaving'); END IF;
  v_refusal := @schema.lease_refusal(v_thread.lease_token, v_thread.lease_expires_at, p_lease);
  IF p_namespace = '[]' THEN
    v_last_seq := v_thread.last_seq;
    v_head_id := v_thread.head_id;
  ELSE
    SELECT last_seq, head_id INTO v_last_seq, v_head_id
    FROM @schema.streams WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;

  -- What follows the head is no repeat, and no other guard stands against it.
  IF (v_refusal IS NULL AND v_thread.origin = p_origin AND v_last_seq = p_seq - 1 AND v_head_id = p_parent) IS NOT TRUE THEN
    PERFORM FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = p_namespace AND seq = p_seq AND checkpoint_id = p_id AND digest = p_digest;
    IF FOUND THEN
      IF v_made THEN DELETE FROM @schema.threads WHERE thread_id = p_thread; END IF;
      RETURN 'done';
    END IF;
    v_refusal := coalesce(v_refusal,
      @schema.place_refusal(p_thread, p_namespace, p_id, p_seq, p_parent, p_fork, p_origin, v_thread.origin, v_last_seq, v_head_id));
    IF v_refusal IS NOT NULL THEN
      IF v_made THEN DELETE FROM @schema.threads WHERE thread_id = p_thread; END IF;
      RETURN @schema.refusal(v_refusal, v_thread.origin, v_head_id, v_last_seq, v_thread.lease_holder, v_thread.lease_expires_at);
    END IF;
  END IF;

  IF p_consumes IS NOT NULL THEN
    -- An empty list is all of them.
    DELETE FROM @schema.writes
    WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id = p_parent
      AND (pg_catalog.cardinality(p_consumes) = 0 OR task_id = ANY (p_consumes));
    GET DIAGNOSTICS v_consumed = ROW_COUNT;
  END IF;

  IF p_namespace = '[]' THEN
    -- Metadata seldom changes from one superstep to the next: then there is nothing to write.
    IF (v_thread.head_tokens OPERATOR(pg_catalog.=) p_tokens) IS NOT TRUE THEN
      DELETE FROM @schema.tokens WHERE thread_id = p_thread;
      INSERT INTO @schema.tokens (thread_id, token) SELECT DISTINCT p_thread, token FROM pg_catalog.unnest(p_tokens) AS t (token);
    END IF;
    v_thread.last_seq := p_seq;
    v_thread.head_id := p_id;
    v_thread.head_writes := 0;
    v_thread.head_tokens := p_tokens;
  ELSIF v_last_seq IS NULL THEN
    INSERT INTO @schema.streams (thread_id, namespace, long_namespace, last_seq, head_id)
    VALUES (p_thread, p_namespace, p_long_namespace, p_seq, p_id);
  ELSE
    UPDATE @schema.streams SET last_seq = p_seq, head_id = p_id, head_writes = 0
    WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;

  UPDATE @schema.threads SET
    last_seq = v_thread.last_seq,
    head_id = v_thread.head_id,
    head_writes = v_thread.head_writes,
    head_tokens = v_thread.head_tokens,
    origin = p_origin,
    status = p_status,
    created_at = CASE WHEN v_thread.origin IS NULL THEN p_created_at ELSE v_thread.created_at END,
    updated_at = p_created_at,
    updated_hour = floor(p_created_at / 3600000::double precision),
    row_count = v_thread.row_count + p_new_rows - v_consumed,
    lease_expires_at = CASE
      WHEN p_lease IS NULL THEN v_thread.lease_expires_at
      ELSE @schema.clock_ms() + v_thread.lease_ttl_ms
    END
  WHERE thread_id = p_thread;
  RETURN NULL;
END $$;

-- Answers \`done\`, or a refusal as JSON.
CREATE FUNCTION @schema.put(
  p_thread text, p_namespace text, p_seq bigint, p_id text, p_parent text, p_created_at double precision, p_status text,
  p_digest text, p_tokens text[], p_channels json, p_origin text, p_lease text, p_consumes text[], p_rest json,
  p_records text[], p_ends integer[], p_bytes bytea
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_count     integer;
  v_now       double precision;
  v_ran_until double precision;
  v_answer    text;
BEGIN
  -- Most commits follow the root head, find no pending writes and keep the metadata and the lease. One statement judges all of
  -- that on the row it locks and changes: where it waited for another's change, the server judges the row anew as that left it.
  -- Of a row that another had only locked it keeps what it judged before the wait: so a lease is asked once more whether it
  -- still runs. One that was renewed during the wait is not set back.
  IF p_namespace = '[]' THEN
    IF p_lease IS NOT NULL THEN v_now := @schema.clock_ms(); END IF;
    UPDATE @schema.threads SET
      last_seq = p_seq,
      head_id = p_id,
      status = p_status,
      updated_at = p_created_at,
      updated_hour = floor(p_created_at / 3600000::double precision),
      row_count = row_count + pg_catalog.cardinality(p_ends),
      lease_ran_until = lease_expires_at,
      lease_expires_at = greatest(lease_expires_at, v_now + lease_ttl_ms)
    WHERE thread_id = p_thread AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0
      AND head_tokens OPERATOR(pg_catalog.=) p_tokens AND origin = p_origin AND NOT is_leaving
      AND lease_token IS NOT DISTINCT FROM p_lease AND (lease_expires_at > v_now) IS NOT FALSE
    RETURNING lease_ran_until INTO v_ran_until;
  END IF;
  IF NOT FOUND THEN
    v_answer := @schema.take_place(p_thread, p_namespace, p_rest OPERATOR(pg_catalog.->>) 'long_namespace'::text, p_seq, p_id,
      p_parent, coalesce((p_rest OPERATOR(pg_catalog.->>) 'fork'::text)::boolean, false), p_created_at, p_status, p_digest,
      p_tokens, p_origin, p_lease, p_consumes, pg_catalog.cardinality(p_ends));
    IF v_answer IS NOT NULL THEN RETURN v_answer; END IF;
  ELSIF p_lease IS NOT NULL AND v_ran_until <= @schema.clock_ms() THEN
    -- All of it is undone; tried again, it meets the lease as it is.
    RAISE EXCEPTION 'the lease of thread % ran out meanwhile', p_thread USING ERRCODE = 'serialization_failure';
  END IF;

  -- An id that is taken fails here, and all of it with it.
  INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
    channels, bytes)
  VALUES (p_thread, p_namespace, p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels,
    substring(p_bytes FROM 1 FOR p_ends[1]));
  IF pg_catalog.cardinality(p_ends) = 2 THEN
    INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
    VALUES (p_thread, p_namespace, p_records[1], p_seq, p_records[2], substring(p_bytes FROM p_ends[1] + 1));
  ELSIF pg_catalog.cardinality(p_ends) > 2 THEN
    v_count := pg_catalog.cardinality(p_ends) - 1;
    INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
    SELECT p_thread, p_namespace, r.channel, p_seq, r.rests_on, substring(p_bytes FROM r.before + 1 FOR r.last - r.before)
    FROM unnest(p_records[:v_count], p_records[v_count + 1 :], p_ends[:v_count], p_ends[2:]) AS r (channel, rests_on, before, last);
  END IF;
  RETURN 'done';
END $$;

CREATE OR REPLACE FUNCTION @schema.put_writes(
  p_thread text, p_namespace text, p_id text, p_task text, p_status text, p_created_at double precision, p_lease text,
  p_keys text[], p_digests text[], p_starts integer[], p_lengths integer[], p_bytes bytea
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread   @schema.threads;
  v_last_seq bigint;
  v_head_id  text;
  v_known    bigint := 0;
  v_other    text;
  v_refusal  text;
  v_new      bigint;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF v_thread.is_leaving THEN RETURN @schema.refusal('leaving'); END IF;

  SELECT count(*) FILTER (WHERE w.digest = n.digest), min(n.key) FILTER (WHERE w.digest <> n.digest)
  INTO v_known, v_other
  FROM unnest(p_keys, p_digests) AS n (key, digest)
  JOIN @schema.writes AS w
    ON w.thread_id = p_thread AND w.namespace = p_namespace AND w.checkpoint_id = p_id AND w.task_id = p_task
    AND w.key = n.key;
  IF v_known > 0 AND v_known = pg_catalog.cardinality(p_keys) THEN
    RETURN 'done';
  END IF;

  IF p_namespace = '[]' THEN
    v_last_seq := v_thread.last_seq;
    v_head_id := v_thread.head_id;
  ELSE
    SELECT last_seq, head_id INTO v_last_seq, v_head_id
    FROM @schema.streams WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;
  v_refusal := @schema.lease_refusal(v_thread.lease_token, v_thread.lease_expires_at, p_lease);
  IF v_refusal IS NULL AND v_head_id IS DISTINCT FROM p_id THEN
    PERFORM FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id BETWEEN p_id AND p_id
    ORDER BY checkpoint_id LIMIT 1;
    v_refusal := CASE WHEN FOUND THEN 'late' ELSE 'no-checkpoint' END;
  END IF;
  IF v_refusal IS NULL AND v_other IS NOT NULL THEN v_refusal := 'other-write'; END IF;
  IF v_refusal IS NOT NULL THEN
    RETURN @schema.refusal(v_refusal, v_other, v_head_id, v_last_seq, v_thread.lease_holder, v_thread.lease_expires_at);
  END IF;
  IF pg_catalog.cardinality(p_keys) = 0 AND p_status IS NULL THEN RETURN 'done'; END IF;

  INSERT INTO @schema.writes (thread_id, namespace, checkpoint_id, task_id, key, digest, bytes)
  SELECT p_thread, p_namespace, p_id, p_task, n.key, n.digest, substring(p_bytes FROM n.start FOR n.length)
  FROM unnest(p_keys, p_digests, p_starts, p_lengths) AS n (key, digest, start, length)
  ON CONFLICT DO NOTHING;
  v_new := pg_catalog.cardinality(p_keys) - v_known;
  IF p_namespace = '[]' THEN
    v_thread.head_writes := v_thread.head_writes + v_new;
  ELSIF v_new > 0 THEN
    UPDATE @schema.streams SET head_writes = head_writes + v_new WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;
  UPDATE @schema.threads SET
    head_writes = v_thread.head_writes,
    updated_at = p_created_at,
    updated_hour = floor(p_created_at / 3600000::double precision),
    row_count = v_thread.row_count + v_new,
    status = coalesce(p_status, v_thread.status)
  WHERE thread_id = p_thread;
  RETURN 'done';
END $$;

-- Rows as 0004 describes them.
CREATE OR REPLACE FUNCTION @schema.get(p_thread text, p_namespace text, p_id text)
RETURNS SETOF @schema.part LANGUAGE plpgsql STABLE ROWS 20 AS $$
DECLARE
  v_thread record;
  v_stream record;
  v_header record;
  v_id     text;
BEGIN
  SELECT t.origin, t.is_leaving, t.last_seq, t.head_id, t.head_writes INTO v_thread
  FROM @schema.threads AS t WHERE t.thread_id = p_thread;
  IF v_thread.is_leaving THEN RETURN; END IF;
  IF p_namespace = '[]' THEN
    v_stream := v_thread;
  ELSE
    SELECT s.last_seq, s.head_id, s.head_writes INTO v_stream
    FROM @schema.streams AS s WHERE s.thread_id = p_thread AND s.namespace = p_namespace;
  END IF;
  v_id := coalesce(p_id, v_stream.head_id);
  SELECT c.* INTO v_header FROM @schema.checkpoints AS c
  WHERE c.thread_id = p_thread AND c.namespace = p_namespace AND c.checkpoint_id BETWEEN v_id AND v_id
  ORDER BY c.checkpoint_id LIMIT 1;

  IF v_header.seq IS NOT NULL AND v_thread.origin IS NULL THEN
    RETURN NEXT ROW('lost', 'its own row', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::@schema.part;
    RETURN;
  END IF;
  IF v_header.seq IS NULL OR v_stream.head_id IS NULL THEN
    IF p_id IS NULL AND (v_stream.head_id IS NOT NULL OR EXISTS (
      SELECT FROM @schema.checkpoints AS c WHERE c.thread_id = p_thread AND c.namespace = p_namespace)) THEN
      RETURN NEXT ROW('lost', 'the head of a stream', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::@schema.part;
    END IF;
    RETURN;
  END IF;

  RETURN NEXT ROW('header', v_header.checkpoint_id, NULL, v_header.seq, v_header.digest, v_header.bytes,
    v_header.parent_id, v_header.created_at, v_header.status, pg_catalog.to_json(v_header.tokens), v_header.channels, v_thread.origin,
    v_stream.head_id, v_stream.last_seq, v_stream.head_writes)::@schema.part;

  -- OFFSET 0 keeps each look-up one by its whole key, whatever the planner believes of the table's size.
  RETURN QUERY
  WITH newest AS MATERIALIZED (
    SELECT r.*
    FROM json_array_elements(v_header.channels) AS version
    CROSS JOIN LATERAL (
      SELECT r.channel, r.seq, r.rests_on, r.bytes FROM @schema.records AS r
      WHERE r.thread_id = p_thread AND r.namespace = p_namespace
        AND r.channel = version ->> 0 AND r.seq = (version ->> 1)::bigint
      OFFSET 0) AS r
  ), needed AS (
    SELECT * FROM newest
    UNION ALL
    SELECT base.* FROM newest
    CROSS JOIN LATERAL pg_catalog.unnest(newest.rests_on::bigint[]) AS older (seq)
    CROSS JOIN LATERAL (
      SELECT r.channel, r.seq, r.rests_on, r.bytes FROM @schema.records AS r
      WHERE r.thread_id = p_thread AND r.namespace = p_namespace AND r.channel = newest.channel AND r.seq = older.seq
      OFFSET 0) AS base
  )
  SELECT 'record', n.channel, NULL::text, n.seq, n.rests_on, n.bytes,
    NULL::text, NULL::double precision, NULL::text, NULL::json, NULL::json, NULL::text, NULL::text, NULL::bigint, NULL::bigint
  FROM needed AS n;

  RETURN QUERY
  SELECT 'write', w.task_id, w.key, NULL::bigint, w.digest, w.bytes,
    NULL::text, NULL::double precision, NULL::text, NULL::json, NULL::json, NULL::text, NULL::text, NULL::bigint, NULL::bigint
  FROM @schema.writes AS w
  WHERE w.thread_id = p_thread AND w.namespace = p_namespace AND w.checkpoint_id = v_header.checkpoint_id
  ORDER BY w.task_id, w.key;
END $$;
`,
  },
  {
    name: '0010_threads_with_root_heads',
    sql: `-- What: the functions that claim, copy and delete a thread, and those that find it by its metadata, with the root stream on the
--   thread's row.
-- Why: 0008 keeps it there.
-- Breaking: yes

-- Locks an id for a thread that is about to be made, or says why none may be: \`exists\`, \`busy\`, \`leaving\`; \`made\` when the
-- very same call has made it already.
CREATE OR REPLACE FUNCTION @schema.claim_thread(p_thread text, p_made_by text) RETURNS @schema.outcome LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread  @schema.threads := @schema.make_thread(p_thread);
  v_is_new  boolean := v_thread.origin IS NULL AND v_thread.head_id IS NULL AND v_thread.lease_token IS NULL
    AND NOT v_thread.is_leaving;
  v_refusal text;
BEGIN
  IF v_thread.is_leaving THEN
    v_refusal := 'leaving';
  ELSIF v_thread.made_by = p_made_by THEN
    v_refusal := 'made';
  ELSIF v_thread.origin IS NOT NULL OR v_thread.head_id IS NOT NULL OR @schema.has_rows(p_thread) THEN
    v_refusal := 'exists';
  ELSE
    v_refusal := @schema.lease_refusal(v_thread.lease_token, v_thread.lease_expires_at, NULL);
  END IF;
  IF v_refusal IS NOT NULL AND v_is_new THEN DELETE FROM @schema.threads WHERE thread_id = p_thread; END IF;
  IF v_refusal IS NULL THEN
    UPDATE @schema.threads SET made_by = p_made_by, lease_token = NULL, lease_holder = NULL, lease_ttl_ms = NULL,
      lease_expires_at = NULL
    WHERE thread_id = p_thread;
  END IF;
  RETURN ROW(coalesce(v_refusal, 'done'), NULL, NULL, NULL, v_thread.lease_holder, v_thread.lease_expires_at)::@schema.outcome;
END $$;

-- Makes the tokens those of the root head, as it is stored.
CREATE OR REPLACE FUNCTION @schema.refresh_tokens(p_thread text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq    bigint;
  v_id     text;
  v_tokens text[];
BEGIN
  SELECT last_seq, head_id INTO v_seq, v_id FROM @schema.threads WHERE thread_id = p_thread;
  SELECT tokens INTO v_tokens FROM @schema.checkpoints
  WHERE thread_id = p_thread AND namespace = '[]' AND seq = v_seq AND checkpoint_id = v_id;
  DELETE FROM @schema.tokens WHERE thread_id = p_thread AND token <> ALL (coalesce(v_tokens, '{}'));
  INSERT INTO @schema.tokens (thread_id, token)
  SELECT DISTINCT p_thread, token FROM pg_catalog.unnest(v_tokens) AS t (token) ON CONFLICT DO NOTHING;
  UPDATE @schema.threads SET head_tokens = v_tokens WHERE thread_id = p_thread;
END $$;

-- Copies a thread below the line. Only the target is locked: one statement reads the whole source from one snapshot, and a
-- source that is written to meanwhile is copied as it was then.
CREATE OR REPLACE FUNCTION @schema.copy_thread(
  p_from text, p_to text, p_made_by text, p_namespace text, p_id text, p_has_end boolean
) RETURNS @schema.outcome LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_outcome @schema.outcome := @schema.claim_thread(p_to, p_made_by);
  v_found   boolean;
  v_ended   boolean;
BEGIN
  -- Of the source's refusals and the target's, the source's comes first.
  PERFORM FROM @schema.threads WHERE thread_id = p_from AND origin IS NOT NULL;
  v_found := FOUND;
  IF NOT v_found OR v_outcome.result <> 'done' THEN
    IF v_outcome.result = 'done' THEN DELETE FROM @schema.threads WHERE thread_id = p_to; END IF;
    IF NOT v_found AND v_outcome.result NOT IN ('made', 'leaving') THEN v_outcome.result := 'no-thread'; END IF;
    RETURN v_outcome;
  END IF;

  WITH source AS MATERIALIZED (
    SELECT * FROM @schema.threads WHERE thread_id = p_from AND origin IS NOT NULL
  ), ending AS MATERIALIZED (
    SELECT c.namespace, c.seq, c.checkpoint_id, c.status FROM @schema.checkpoints AS c
    WHERE p_has_end AND c.thread_id = p_from AND c.namespace = p_namespace AND c.checkpoint_id = coalesce(p_id, CASE
      WHEN p_namespace = '[]' THEN (SELECT head_id FROM source)
      ELSE (SELECT head_id FROM @schema.streams WHERE thread_id = p_from AND namespace = p_namespace) END)
  ), later AS MATERIALIZED (
    SELECT c.namespace, c.seq, c.checkpoint_id FROM @schema.checkpoints AS c
    WHERE c.thread_id = p_from AND c.namespace = p_namespace AND c.seq > (SELECT seq FROM ending)
  ), copied_checkpoints AS (
    INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
      channels, bytes)
    SELECT p_to, c.namespace, c.seq, c.checkpoint_id, c.parent_id, c.created_at, c.status, c.digest, c.tokens, c.channels,
      c.bytes
    FROM @schema.checkpoints AS c
    WHERE c.thread_id = p_from AND NOT EXISTS (SELECT FROM ending AS e WHERE c.namespace = e.namespace AND c.seq > e.seq)
  ), copied_records AS (
    INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
    SELECT p_to, r.namespace, r.channel, r.seq, r.rests_on, r.bytes
    FROM @schema.records AS r
    WHERE r.thread_id = p_from AND NOT EXISTS (SELECT FROM ending AS e WHERE r.namespace = e.namespace AND r.seq > e.seq)
  ), copied_writes AS (
    INSERT INTO @schema.writes (thread_id, namespace, checkpoint_id, task_id, key, digest, bytes)
    SELECT p_to, w.namespace, w.checkpoint_id, w.task_id, w.key, w.digest, w.bytes
    FROM @schema.writes AS w
    WHERE w.thread_id = p_from AND NOT EXISTS (
      SELECT FROM later AS l WHERE w.namespace = l.namespace AND w.checkpoint_id = l.checkpoint_id)
  ), copied_streams AS (
    -- The source's head keeps its count of writes; an older checkpoint has none yet.
    INSERT INTO @schema.streams (thread_id, namespace, long_namespace, last_seq, head_id, head_writes)
    SELECT p_to, s.namespace, s.long_namespace, coalesce(e.seq, s.last_seq), coalesce(e.checkpoint_id, s.head_id),
      CASE WHEN e.checkpoint_id IS NULL OR e.checkpoint_id = s.head_id THEN s.head_writes ELSE (
        SELECT count(*) FROM @schema.writes AS w
        WHERE w.thread_id = p_from AND w.namespace = s.namespace AND w.checkpoint_id = e.checkpoint_id) END
    FROM @schema.streams AS s LEFT JOIN ending AS e ON e.namespace = s.namespace
    WHERE s.thread_id = p_from
  ), copied_thread AS (
    -- The count is the source's, less what was left out, so that a missing row of the source shows in the copy too.
    UPDATE @schema.threads AS t SET
      last_seq = coalesce(e.seq, s.last_seq), head_id = coalesce(e.checkpoint_id, s.head_id),
      head_writes = CASE WHEN e.checkpoint_id IS NULL OR e.checkpoint_id = s.head_id THEN s.head_writes ELSE (
        SELECT count(*) FROM @schema.writes AS w
        WHERE w.thread_id = p_from AND w.namespace = '[]' AND w.checkpoint_id = e.checkpoint_id) END,
      origin = s.origin, status = coalesce((SELECT status FROM ending), s.status),
      created_at = s.created_at, updated_at = s.updated_at, updated_hour = s.updated_hour,
      row_count = s.row_count
        - (SELECT count(*) FROM later)
        - (SELECT count(*) FROM @schema.records AS r
           WHERE r.thread_id = p_from AND r.namespace = p_namespace AND r.seq > (SELECT seq FROM ending))
        - (SELECT count(*) FROM @schema.writes AS w JOIN later AS l
           ON w.thread_id = p_from AND w.namespace = l.namespace AND w.checkpoint_id = l.checkpoint_id)
    FROM source AS s LEFT JOIN ending AS e ON e.namespace = '[]'
    WHERE t.thread_id = p_to
  )
  SELECT EXISTS (SELECT FROM source), EXISTS (SELECT FROM ending) INTO v_found, v_ended;

  IF NOT v_found OR (p_has_end AND NOT v_ended) THEN
    -- What was copied goes again with the transaction: the caller rolls it back.
    RAISE EXCEPTION USING ERRCODE = 'CN404', MESSAGE = CASE WHEN v_found THEN 'no-checkpoint' ELSE 'no-thread' END;
  END IF;
  PERFORM @schema.refresh_tokens(p_to);
  RETURN v_outcome;
END $$;

-- Deletes up to p_limit rows of a thread, as 0006 describes it.
CREATE OR REPLACE FUNCTION @schema.delete_thread(p_thread text, p_limit bigint, p_go_on boolean, p_incarnation uuid)
RETURNS @schema.outcome LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_thread @schema.threads;
  v_row    record;
  v_left   bigint := p_limit;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF NOT FOUND THEN
    IF p_go_on OR NOT @schema.has_rows(p_thread) THEN
      RETURN ROW('done', NULL, NULL, NULL, NULL, NULL)::@schema.outcome;
    END IF;
    v_thread := @schema.make_thread(p_thread);
  ELSIF NOT v_thread.is_leaving AND (p_go_on OR v_thread.incarnation IS DISTINCT FROM p_incarnation) THEN
    RETURN ROW('done', NULL, NULL, NULL, NULL, NULL)::@schema.outcome;
  END IF;
  IF @schema.lease_refusal(v_thread.lease_token, v_thread.lease_expires_at, NULL) IS NOT NULL THEN
    RETURN ROW('busy', NULL, NULL, NULL, v_thread.lease_holder, v_thread.lease_expires_at)::@schema.outcome;
  END IF;

  -- One by one and by the whole key: a join might walk the thread for each batch.
  FOR v_row IN
    SELECT namespace, checkpoint_id, task_id, key FROM @schema.writes WHERE thread_id = p_thread
    ORDER BY namespace, checkpoint_id, task_id, key LIMIT v_left
  LOOP
    DELETE FROM @schema.writes
    WHERE thread_id = p_thread AND namespace = v_row.namespace AND checkpoint_id = v_row.checkpoint_id
      AND task_id = v_row.task_id AND key = v_row.key;
    v_left := v_left - 1;
  END LOOP;
  FOR v_row IN
    SELECT namespace, channel, seq FROM @schema.records WHERE thread_id = p_thread
    ORDER BY namespace, channel, seq LIMIT v_left
  LOOP
    DELETE FROM @schema.records
    WHERE thread_id = p_thread AND namespace = v_row.namespace AND channel = v_row.channel AND seq = v_row.seq;
    v_left := v_left - 1;
  END LOOP;
  FOR v_row IN
    SELECT namespace, seq, checkpoint_id FROM @schema.checkpoints WHERE thread_id = p_thread
    ORDER BY namespace, seq LIMIT v_left
  LOOP
    DELETE FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = v_row.namespace AND seq = v_row.seq
      AND checkpoint_id = v_row.checkpoint_id;
    v_left := v_left - 1;
  END LOOP;
  FOR v_row IN
    SELECT namespace FROM @schema.streams WHERE thread_id = p_thread ORDER BY namespace LIMIT v_left
  LOOP
    DELETE FROM @schema.streams WHERE thread_id = p_thread AND namespace = v_row.namespace;
    v_left := v_left - 1;
  END LOOP;
  DELETE FROM @schema.tokens WHERE thread_id = p_thread;

  IF v_left = 0 AND @schema.has_rows(p_thread) THEN
    UPDATE @schema.threads SET is_leaving = true, origin = NULL, status = NULL, lease_token = NULL, last_seq = NULL,
      head_id = NULL, head_writes = 0, head_tokens = NULL
    WHERE thread_id = p_thread;
    RETURN ROW('more', NULL, NULL, NULL, NULL, NULL)::@schema.outcome;
  END IF;
  PERFORM @schema.outlive_fence(v_thread.lease_fence);
  DELETE FROM @schema.threads WHERE thread_id = p_thread;
  RETURN ROW('done', NULL, NULL, NULL, NULL, NULL)::@schema.outcome;
END $$;
`,
  },
  {
    name: '0011_plans_by_index',
    sql: `-- What: the functions plan every look-up by an index.
-- Why: a function keeps its plans, and those made just after the server had looked at a table of few rows read the whole table.
--   Until the server looked at it again, a minute later or more, each commit and read cost what all that was stored meanwhile costs.
-- Breaking: no
--
-- Whoever replaces one of these functions has to say so again.

ALTER FUNCTION @schema.make_thread SET enable_seqscan = off;
ALTER FUNCTION @schema.place_refusal SET enable_seqscan = off;
ALTER FUNCTION @schema.take_place SET enable_seqscan = off;
ALTER FUNCTION @schema.put SET enable_seqscan = off;
ALTER FUNCTION @schema.put_writes SET enable_seqscan = off;
ALTER FUNCTION @schema.get SET enable_seqscan = off;
ALTER FUNCTION @schema.acquire_lease SET enable_seqscan = off;
ALTER FUNCTION @schema.renew_lease SET enable_seqscan = off;
ALTER FUNCTION @schema.release_lease SET enable_seqscan = off;
ALTER FUNCTION @schema.has_rows SET enable_seqscan = off;
ALTER FUNCTION @schema.claim_thread SET enable_seqscan = off;
ALTER FUNCTION @schema.refresh_tokens SET enable_seqscan = off;
ALTER FUNCTION @schema.copy_thread SET enable_seqscan = off;
ALTER FUNCTION @schema.delete_thread SET enable_seqscan = off;
ALTER FUNCTION @schema.prune SET enable_seqscan = off;
`,
  },
  {
    name: '0012_plans_by_one_index',
    sql: `-- What: a row is looked up by the one index that leads to it, and what a prune drops in a function.
-- Why: \`checkpoints\` has two keys that begin with the same columns, and sorting the one row that is left costs nothing: where the
--   server had not looked at the table yet, or most threads have one checkpoint, and the tree of the places was a level lower than that
--   of the ids, each read by an id walked the whole stream. From PostgreSQL 18 on an index serves also where its first column is not
--   compared: then a thread's row was looked for status by status, and its tokens token by token.
-- Breaking: no
--
-- \`BETWEEN id AND id ORDER BY id LIMIT 1\` is answered in order by one index alone: without sorting there is no other plan. The same
-- holds for what is read by seq. Whoever replaces one of these functions has to say so again.

-- Only a comparison of the status implies that there is one: nothing else can be answered by this index. And so with the token's.
DROP INDEX @schema.threads_by_status;
CREATE INDEX threads_by_status ON @schema.threads (status, thread_id) WHERE status IS NOT NULL;
DROP INDEX @schema.tokens_by_token;
CREATE INDEX tokens_by_token ON @schema.tokens (token, thread_id) WHERE token IS NOT NULL;

ALTER FUNCTION @schema.place_refusal SET enable_sort = off;
ALTER FUNCTION @schema.get SET enable_sort = off;
ALTER FUNCTION @schema.delete_thread SET enable_sort = off;

-- Of the checkpoints with these ids, those that are there; the pending writes of each are counted, as rows of the transaction
-- that drops it.
CREATE FUNCTION @schema.droppable(p_thread text, p_namespace text, p_ids text[])
RETURNS TABLE (seq bigint, checkpoint_id text, writes bigint)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_sort = off AS $$
BEGIN
  RETURN QUERY
  SELECT c.seq, c.checkpoint_id, (
    SELECT count(*) FROM @schema.writes AS w
    WHERE w.thread_id = p_thread AND w.namespace = p_namespace AND w.checkpoint_id = c.checkpoint_id)
  FROM pg_catalog.unnest(p_ids) AS id
  CROSS JOIN LATERAL (
    SELECT d.seq, d.checkpoint_id FROM @schema.checkpoints AS d
    WHERE d.thread_id = p_thread AND d.namespace = p_namespace AND d.checkpoint_id BETWEEN id AND id
    ORDER BY d.checkpoint_id LIMIT 1) AS c;
END $$;

-- As 0009 has it, but for the look-up of each key: a join might walk all that the task has written.
CREATE OR REPLACE FUNCTION @schema.put_writes(
  p_thread text, p_namespace text, p_id text, p_task text, p_status text, p_created_at double precision, p_lease text,
  p_keys text[], p_digests text[], p_starts integer[], p_lengths integer[], p_bytes bytea
) RETURNS text LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
  v_thread   @schema.threads;
  v_last_seq bigint;
  v_head_id  text;
  v_known    bigint := 0;
  v_other    text;
  v_refusal  text;
  v_new      bigint;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF v_thread.is_leaving THEN RETURN @schema.refusal('leaving'); END IF;

  SELECT count(*) FILTER (WHERE w.digest = n.digest), min(n.key) FILTER (WHERE w.digest <> n.digest)
  INTO v_known, v_other
  FROM unnest(p_keys, p_digests) AS n (key, digest)
  CROSS JOIN LATERAL (
    SELECT digest FROM @schema.writes
    WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id = p_id AND task_id = p_task AND key = n.key
    OFFSET 0) AS w;
  IF v_known > 0 AND v_known = pg_catalog.cardinality(p_keys) THEN
    RETURN 'done';
  END IF;

  IF p_namespace = '[]' THEN
    v_last_seq := v_thread.last_seq;
    v_head_id := v_thread.head_id;
  ELSE
    SELECT last_seq, head_id INTO v_last_seq, v_head_id
    FROM @schema.streams WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;
  v_refusal := @schema.lease_refusal(v_thread.lease_token, v_thread.lease_expires_at, p_lease);
  IF v_refusal IS NULL AND v_head_id IS DISTINCT FROM p_id THEN
    PERFORM FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id BETWEEN p_id AND p_id
    ORDER BY checkpoint_id LIMIT 1;
    v_refusal := CASE WHEN FOUND THEN 'late' ELSE 'no-checkpoint' END;
  END IF;
  IF v_refusal IS NULL AND v_other IS NOT NULL THEN v_refusal := 'other-write'; END IF;
  IF v_refusal IS NOT NULL THEN
    RETURN @schema.refusal(v_refusal, v_other, v_head_id, v_last_seq, v_thread.lease_holder, v_thread.lease_expires_at);
  END IF;
  IF pg_catalog.cardinality(p_keys) = 0 AND p_status IS NULL THEN RETURN 'done'; END IF;

  INSERT INTO @schema.writes (thread_id, namespace, checkpoint_id, task_id, key, digest, bytes)
  SELECT p_thread, p_namespace, p_id, p_task, n.key, n.digest, substring(p_bytes FROM n.start FOR n.length)
  FROM unnest(p_keys, p_digests, p_starts, p_lengths) AS n (key, digest, start, length)
  ON CONFLICT DO NOTHING;
  v_new := pg_catalog.cardinality(p_keys) - v_known;
  IF p_namespace = '[]' THEN
    v_thread.head_writes := v_thread.head_writes + v_new;
  ELSIF v_new > 0 THEN
    UPDATE @schema.streams SET head_writes = head_writes + v_new WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;
  UPDATE @schema.threads SET
    head_writes = v_thread.head_writes,
    updated_at = p_created_at,
    updated_hour = floor(p_created_at / 3600000::double precision),
    row_count = v_thread.row_count + v_new,
    status = coalesce(p_status, v_thread.status)
  WHERE thread_id = p_thread;
  RETURN 'done';
END $$;

-- As 0008 has it, but for the order in which later checkpoints are read: by the one index that begins at p_up_to.
CREATE OR REPLACE FUNCTION @schema.prune(
  p_thread text, p_namespace text, p_mark text, p_new_mark text, p_up_to bigint,
  p_seqs bigint[], p_ids text[], p_channels text[], p_record_seqs bigint[]
) RETURNS @schema.pruned LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
  v_thread  @schema.threads;
  v_stream  record;
  v_needed  text[];
  v_size    bigint;
  v_writes  record;
  v_report  @schema.pruned := ROW(0, 0, 0, 0)::@schema.pruned;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF p_namespace = '[]' THEN
    SELECT v_thread.last_seq, v_thread.head_id, v_thread.prune_mark, v_thread.pruned INTO v_stream;
  ELSE
    SELECT last_seq, head_id, prune_mark, pruned INTO v_stream
    FROM @schema.streams WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;
  IF v_stream.prune_mark = p_new_mark THEN
    RETURN ROW(v_stream.pruned[1], v_stream.pruned[2], v_stream.pruned[3], v_stream.pruned[4])::@schema.pruned;
  END IF;
  IF v_thread.is_leaving IS NOT FALSE OR v_stream.prune_mark IS DISTINCT FROM p_mark THEN RETURN NULL; END IF;

  IF v_stream.last_seq > p_up_to THEN
    WITH newest AS (
      SELECT version ->> 0 AS channel, (version ->> 1)::bigint AS seq
      FROM (
        SELECT channels FROM @schema.checkpoints
        WHERE thread_id = p_thread AND namespace = p_namespace AND seq > p_up_to
        ORDER BY seq) AS c
      CROSS JOIN LATERAL json_array_elements(c.channels) AS version
    ), bases AS (
      SELECT n.channel, pg_catalog.unnest(r.rests_on::bigint[]) AS seq FROM (SELECT DISTINCT * FROM newest) AS n
      CROSS JOIN LATERAL (
        SELECT rests_on FROM @schema.records AS r
        WHERE r.thread_id = p_thread AND r.namespace = p_namespace AND r.channel = n.channel AND r.seq = n.seq OFFSET 0) AS r
    )
    SELECT pg_catalog.array_agg(pg_catalog.concat(seq, '/', channel)) INTO v_needed FROM (SELECT * FROM newest UNION SELECT * FROM bases) AS needed;
  END IF;

  -- One by one and by the whole key: a join might walk the stream.
  FOR i IN 1 .. pg_catalog.cardinality(p_seqs) LOOP
    CONTINUE WHEN p_ids[i] = v_stream.head_id;
    DELETE FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = p_namespace AND seq = p_seqs[i] AND checkpoint_id = p_ids[i]
    RETURNING octet_length(bytes) INTO v_size;
    CONTINUE WHEN NOT FOUND;
    v_report.checkpoints := v_report.checkpoints + 1;
    v_report.bytes := v_report.bytes + v_size;
    WITH dropped AS (
      DELETE FROM @schema.writes WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id = p_ids[i]
      RETURNING octet_length(bytes) AS size)
    SELECT count(*) AS count, coalesce(sum(size), 0) AS size INTO v_writes FROM dropped;
    v_report.writes := v_report.writes + v_writes.count;
    v_report.bytes := v_report.bytes + v_writes.size;
  END LOOP;
  FOR i IN 1 .. pg_catalog.cardinality(p_channels) LOOP
    CONTINUE WHEN pg_catalog.concat(p_record_seqs[i], '/', p_channels[i]) = ANY (v_needed);
    DELETE FROM @schema.records
    WHERE thread_id = p_thread AND namespace = p_namespace AND channel = p_channels[i] AND seq = p_record_seqs[i]
    RETURNING octet_length(bytes) INTO v_size;
    CONTINUE WHEN NOT FOUND;
    v_report.records := v_report.records + 1;
    v_report.bytes := v_report.bytes + v_size;
  END LOOP;

  UPDATE @schema.threads SET row_count = row_count - v_report.checkpoints - v_report.records - v_report.writes
  WHERE thread_id = p_thread;
  IF p_namespace = '[]' THEN
    UPDATE @schema.threads SET prune_mark = p_new_mark,
      pruned = ARRAY[v_report.checkpoints, v_report.records, v_report.writes, v_report.bytes]
    WHERE thread_id = p_thread;
  ELSE
    UPDATE @schema.streams SET prune_mark = p_new_mark,
      pruned = ARRAY[v_report.checkpoints, v_report.records, v_report.writes, v_report.bytes]
    WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;
  RETURN v_report;
END $$;
`,
  },
  {
    name: '0013_commits_are_calls',
    sql: `-- What: a commit is a call of a procedure; one that follows the root head with one changed record has a procedure of its own.
-- Why: a call that answers nothing is neither planned nor run as a query is, and its answer need not be described, sent and parsed: a
--   twentieth of a commit. The commonest commit needs no arrays and nothing cut out of its bytes: as much again.
-- Breaking: yes
--
-- A refusal is an error CN409, with what \`refusal\` says of it as the DETAIL. It undoes what the commit has done.

DROP FUNCTION @schema.put(text, text, bigint, text, text, double precision, text, text, text[], json, text, text, text[], json,
  text[], integer[], bytea);

-- Any commit. \`p_bytes\`, \`p_ends\`, \`p_records\` and \`p_rest\` are as 0009 describes them.
CREATE PROCEDURE @schema.put(
  p_thread text, p_namespace text, p_seq bigint, p_id text, p_parent text, p_created_at double precision, p_status text,
  p_digest text, p_tokens text[], p_channels json, p_origin text, p_lease text, p_consumes text[], p_rest json,
  p_records text[], p_ends integer[], p_bytes bytea
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_count     integer;
  v_now       double precision;
  v_ran_until double precision;
  v_answer    text;
BEGIN
  -- Most commits follow the root head, find no pending writes and keep the metadata and the lease. One statement judges all of
  -- that on the row it locks and changes: where it waited for another's change, the server judges the row anew as that left it.
  -- Of a row that another had only locked it keeps what it judged before the wait: so a lease is asked once more whether it
  -- still runs. One that was renewed during the wait is not set back.
  IF p_namespace = '[]' THEN
    IF p_lease IS NOT NULL THEN v_now := @schema.clock_ms(); END IF;
    UPDATE @schema.threads SET
      last_seq = p_seq,
      head_id = p_id,
      status = p_status,
      updated_at = p_created_at,
      updated_hour = floor(p_created_at / 3600000::double precision),
      row_count = row_count + pg_catalog.cardinality(p_ends),
      lease_ran_until = lease_expires_at,
      lease_expires_at = greatest(lease_expires_at, v_now + lease_ttl_ms)
    WHERE thread_id = p_thread AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0
      AND head_tokens OPERATOR(pg_catalog.=) p_tokens AND origin = p_origin AND NOT is_leaving
      AND lease_token IS NOT DISTINCT FROM p_lease AND (lease_expires_at > v_now) IS NOT FALSE
    RETURNING lease_ran_until INTO v_ran_until;
  END IF;
  IF NOT FOUND THEN
    v_answer := @schema.take_place(p_thread, p_namespace, p_rest OPERATOR(pg_catalog.->>) 'long_namespace'::text, p_seq, p_id,
      p_parent, coalesce((p_rest OPERATOR(pg_catalog.->>) 'fork'::text)::boolean, false), p_created_at, p_status, p_digest,
      p_tokens, p_origin, p_lease, p_consumes, pg_catalog.cardinality(p_ends));
    IF v_answer = 'done' THEN RETURN; END IF;
    IF v_answer IS NOT NULL THEN
      RAISE EXCEPTION 'a commit on thread % is refused', p_thread USING ERRCODE = 'CN409', DETAIL = v_answer;
    END IF;
  ELSIF p_lease IS NOT NULL AND v_ran_until <= @schema.clock_ms() THEN
    -- All of it is undone; tried again, it meets the lease as it is.
    RAISE EXCEPTION 'the lease of thread % ran out meanwhile', p_thread USING ERRCODE = 'serialization_failure';
  END IF;

  -- An id that is taken fails here, and all of it with it.
  INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
    channels, bytes)
  VALUES (p_thread, p_namespace, p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels,
    substring(p_bytes FROM 1 FOR p_ends[1]));
  IF pg_catalog.cardinality(p_ends) = 2 THEN
    INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
    VALUES (p_thread, p_namespace, p_records[1], p_seq, p_records[2], substring(p_bytes FROM p_ends[1] + 1));
  ELSIF pg_catalog.cardinality(p_ends) > 2 THEN
    v_count := pg_catalog.cardinality(p_ends) - 1;
    INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
    SELECT p_thread, p_namespace, r.channel, p_seq, r.rests_on, substring(p_bytes FROM r.before + 1 FOR r.last - r.before)
    FROM unnest(p_records[:v_count], p_records[v_count + 1 :], p_ends[:v_count], p_ends[2:]) AS r (channel, rests_on, before, last);
  END IF;
END $$;

-- A commit that follows the head of the root stream, with one record. One that finds something else goes the long way.
CREATE PROCEDURE @schema.put_next(
  p_thread text, p_seq bigint, p_id text, p_parent text, p_created_at double precision, p_status text, p_digest text,
  p_tokens text[], p_channels json, p_origin text, p_lease text, p_consumes text[], p_header bytea,
  p_channel text, p_rests_on text, p_record bytea
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_now       double precision;
  v_ran_until double precision;
BEGIN
  -- As in \`put\`, in two forms: without a lease there is nothing to return and to judge once more.
  IF p_lease IS NULL THEN
    UPDATE @schema.threads SET
      last_seq = p_seq,
      head_id = p_id,
      status = p_status,
      updated_at = p_created_at,
      updated_hour = floor(p_created_at / 3600000::double precision),
      row_count = row_count + 2
    WHERE thread_id = p_thread AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0
      AND head_tokens OPERATOR(pg_catalog.=) p_tokens AND origin = p_origin AND NOT is_leaving AND lease_token IS NULL;
  ELSE
    v_now := @schema.clock_ms();
    UPDATE @schema.threads SET
      last_seq = p_seq,
      head_id = p_id,
      status = p_status,
      updated_at = p_created_at,
      updated_hour = floor(p_created_at / 3600000::double precision),
      row_count = row_count + 2,
      lease_ran_until = lease_expires_at,
      lease_expires_at = greatest(lease_expires_at, v_now + lease_ttl_ms)
    WHERE thread_id = p_thread AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0
      AND head_tokens OPERATOR(pg_catalog.=) p_tokens AND origin = p_origin AND NOT is_leaving
      AND lease_token = p_lease AND lease_expires_at > v_now
    RETURNING lease_ran_until INTO v_ran_until;
  END IF;
  IF NOT FOUND THEN
    CALL @schema.put(p_thread, '[]', p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels, p_origin,
      p_lease, p_consumes, NULL, ARRAY[p_channel, p_rests_on],
      ARRAY[octet_length(p_header), octet_length(p_header) + octet_length(p_record)], p_header || p_record);
    RETURN;
  END IF;
  IF p_lease IS NOT NULL AND v_ran_until <= @schema.clock_ms() THEN
    RAISE EXCEPTION 'the lease of thread % ran out meanwhile', p_thread USING ERRCODE = 'serialization_failure';
  END IF;

  -- One statement for both rows. An id that is taken fails here, and all of it with it.
  WITH header AS (
    INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
      channels, bytes)
    VALUES (p_thread, '[]', p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels, p_header)
  )
  INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
  VALUES (p_thread, '[]', p_channel, p_seq, p_rests_on, p_record);
END $$;
`,
  },
  {
    name: '0014_records_beside_headers',
    sql: `-- What: a commit's record is kept in the checkpoint's own row where it is the only one.
-- Why: the commonest commit is then one row of each table that it touches: a tenth less work for the server, and less room.
-- Breaking: yes
--
-- Both places are good for a record: what was stored before stays where it is, and so does what is restored. Where a prune drops the
-- checkpoint of a record that others rest on, the record goes to \`records\`.
--
-- A process of an older version that goes on would not find these records. It is made to fail before it has written anything: where it
-- lists, scans, restores or replaces by the name of the header's column, and where it prunes by that of the function (0015).
ALTER TABLE @schema.checkpoints RENAME COLUMN bytes TO header;

-- \`channel\`, \`rests_on\` and \`record\` are as \`records\` has them, the seq being the checkpoint's; NULL where there is none, or several.
ALTER TABLE @schema.checkpoints
  ADD COLUMN channel  text COLLATE "C",
  ADD COLUMN rests_on text COLLATE "C",
  ADD COLUMN record   bytea;

-- A record is compressed already, or does not compress. Of a table that is distributed Citus refuses it: there the server may try.
DO $$
BEGIN
  ALTER TABLE @schema.checkpoints ALTER COLUMN record SET STORAGE EXTERNAL;
EXCEPTION WHEN feature_not_supported THEN
END $$;

CREATE OR REPLACE PROCEDURE @schema.put(
  p_thread text, p_namespace text, p_seq bigint, p_id text, p_parent text, p_created_at double precision, p_status text,
  p_digest text, p_tokens text[], p_channels json, p_origin text, p_lease text, p_consumes text[], p_rest json,
  p_records text[], p_ends integer[], p_bytes bytea
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_count     integer;
  v_now       double precision;
  v_ran_until double precision;
  v_answer    text;
BEGIN
  -- Most commits follow the root head, find no pending writes and keep the metadata and the lease. One statement judges all of
  -- that on the row it locks and changes: where it waited for another's change, the server judges the row anew as that left it.
  -- Of a row that another had only locked it keeps what it judged before the wait: so a lease is asked once more whether it
  -- still runs. One that was renewed during the wait is not set back.
  IF p_namespace = '[]' THEN
    IF p_lease IS NOT NULL THEN v_now := @schema.clock_ms(); END IF;
    UPDATE @schema.threads SET
      last_seq = p_seq,
      head_id = p_id,
      status = p_status,
      updated_at = p_created_at,
      updated_hour = floor(p_created_at / 3600000::double precision),
      row_count = row_count + pg_catalog.cardinality(p_ends),
      lease_ran_until = lease_expires_at,
      lease_expires_at = greatest(lease_expires_at, v_now + lease_ttl_ms)
    WHERE thread_id = p_thread AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0
      AND head_tokens OPERATOR(pg_catalog.=) p_tokens AND origin = p_origin AND NOT is_leaving
      AND lease_token IS NOT DISTINCT FROM p_lease AND (lease_expires_at > v_now) IS NOT FALSE
    RETURNING lease_ran_until INTO v_ran_until;
  END IF;
  IF NOT FOUND THEN
    v_answer := @schema.take_place(p_thread, p_namespace, p_rest OPERATOR(pg_catalog.->>) 'long_namespace'::text, p_seq, p_id,
      p_parent, coalesce((p_rest OPERATOR(pg_catalog.->>) 'fork'::text)::boolean, false), p_created_at, p_status, p_digest,
      p_tokens, p_origin, p_lease, p_consumes, pg_catalog.cardinality(p_ends));
    IF v_answer = 'done' THEN RETURN; END IF;
    IF v_answer IS NOT NULL THEN
      RAISE EXCEPTION 'a commit on thread % is refused', p_thread USING ERRCODE = 'CN409', DETAIL = v_answer;
    END IF;
  ELSIF p_lease IS NOT NULL AND v_ran_until <= @schema.clock_ms() THEN
    -- All of it is undone; tried again, it meets the lease as it is.
    RAISE EXCEPTION 'the lease of thread % ran out meanwhile', p_thread USING ERRCODE = 'serialization_failure';
  END IF;

  -- An id that is taken fails here, and all of it with it.
  IF pg_catalog.cardinality(p_ends) = 2 THEN
    INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
      channels, header, channel, rests_on, record)
    VALUES (p_thread, p_namespace, p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels,
      substring(p_bytes FROM 1 FOR p_ends[1]), p_records[1], p_records[2], substring(p_bytes FROM p_ends[1] + 1));
    RETURN;
  END IF;
  INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
    channels, header)
  VALUES (p_thread, p_namespace, p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels,
    substring(p_bytes FROM 1 FOR p_ends[1]));
  IF pg_catalog.cardinality(p_ends) > 2 THEN
    v_count := pg_catalog.cardinality(p_ends) - 1;
    INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
    SELECT p_thread, p_namespace, r.channel, p_seq, r.rests_on, substring(p_bytes FROM r.before + 1 FOR r.last - r.before)
    FROM unnest(p_records[:v_count], p_records[v_count + 1 :], p_ends[:v_count], p_ends[2:]) AS r (channel, rests_on, before, last);
  END IF;
END $$;

CREATE OR REPLACE PROCEDURE @schema.put_next(
  p_thread text, p_seq bigint, p_id text, p_parent text, p_created_at double precision, p_status text, p_digest text,
  p_tokens text[], p_channels json, p_origin text, p_lease text, p_consumes text[], p_header bytea,
  p_channel text, p_rests_on text, p_record bytea
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_now       double precision;
  v_ran_until double precision;
BEGIN
  -- As in \`put\`, in two forms: without a lease there is nothing to return and to judge once more.
  IF p_lease IS NULL THEN
    UPDATE @schema.threads SET
      last_seq = p_seq,
      head_id = p_id,
      status = p_status,
      updated_at = p_created_at,
      updated_hour = floor(p_created_at / 3600000::double precision),
      row_count = row_count + 2
    WHERE thread_id = p_thread AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0
      AND head_tokens OPERATOR(pg_catalog.=) p_tokens AND origin = p_origin AND NOT is_leaving AND lease_token IS NULL;
  ELSE
    v_now := @schema.clock_ms();
    UPDATE @schema.threads SET
      last_seq = p_seq,
      head_id = p_id,
      status = p_status,
      updated_at = p_created_at,
      updated_hour = floor(p_created_at / 3600000::double precision),
      row_count = row_count + 2,
      lease_ran_until = lease_expires_at,
      lease_expires_at = greatest(lease_expires_at, v_now + lease_ttl_ms)
    WHERE thread_id = p_thread AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0
      AND head_tokens OPERATOR(pg_catalog.=) p_tokens AND origin = p_origin AND NOT is_leaving
      AND lease_token = p_lease AND lease_expires_at > v_now
    RETURNING lease_ran_until INTO v_ran_until;
  END IF;
  IF NOT FOUND THEN
    CALL @schema.put(p_thread, '[]', p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels, p_origin,
      p_lease, p_consumes, NULL, ARRAY[p_channel, p_rests_on],
      ARRAY[octet_length(p_header), octet_length(p_header) + octet_length(p_record)], p_header || p_record);
    RETURN;
  END IF;
  IF p_lease IS NOT NULL AND v_ran_until <= @schema.clock_ms() THEN
    RAISE EXCEPTION 'the lease of thread % ran out meanwhile', p_thread USING ERRCODE = 'serialization_failure';
  END IF;

  -- An id that is taken fails here, and all of it with it.
  INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
    channels, header, channel, rests_on, record)
  VALUES (p_thread, '[]', p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels, p_header,
    p_channel, p_rests_on, p_record);
END $$;

CREATE OR REPLACE FUNCTION @schema.get(p_thread text, p_namespace text, p_id text)
RETURNS SETOF @schema.part LANGUAGE plpgsql STABLE ROWS 20 SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
  v_thread record;
  v_stream record;
  v_header record;
  v_id     text;
BEGIN
  SELECT t.origin, t.is_leaving, t.last_seq, t.head_id, t.head_writes INTO v_thread
  FROM @schema.threads AS t WHERE t.thread_id = p_thread;
  IF v_thread.is_leaving THEN RETURN; END IF;
  IF p_namespace = '[]' THEN
    v_stream := v_thread;
  ELSE
    SELECT s.last_seq, s.head_id, s.head_writes INTO v_stream
    FROM @schema.streams AS s WHERE s.thread_id = p_thread AND s.namespace = p_namespace;
  END IF;
  v_id := coalesce(p_id, v_stream.head_id);
  SELECT c.seq, c.checkpoint_id, c.parent_id, c.created_at, c.status, c.digest, c.tokens, c.channels, c.header INTO v_header
  FROM @schema.checkpoints AS c
  WHERE c.thread_id = p_thread AND c.namespace = p_namespace AND c.checkpoint_id BETWEEN v_id AND v_id
  ORDER BY c.checkpoint_id LIMIT 1;

  IF v_header.seq IS NOT NULL AND v_thread.origin IS NULL THEN
    RETURN NEXT ROW('lost', 'its own row', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::@schema.part;
    RETURN;
  END IF;
  IF v_header.seq IS NULL OR v_stream.head_id IS NULL THEN
    IF p_id IS NULL AND (v_stream.head_id IS NOT NULL OR EXISTS (
      SELECT FROM @schema.checkpoints AS c WHERE c.thread_id = p_thread AND c.namespace = p_namespace)) THEN
      RETURN NEXT ROW('lost', 'the head of a stream', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::@schema.part;
    END IF;
    RETURN;
  END IF;

  RETURN NEXT ROW('header', v_header.checkpoint_id, NULL, v_header.seq, v_header.digest, v_header.header,
    v_header.parent_id, v_header.created_at, v_header.status, pg_catalog.to_json(v_header.tokens), v_header.channels, v_thread.origin,
    v_stream.head_id, v_stream.last_seq, v_stream.head_writes)::@schema.part;

  -- OFFSET 0 keeps each look-up one by its whole key, whatever the planner believes of the table's size.
  RETURN QUERY
  WITH newest AS MATERIALIZED (
    SELECT r.*
    FROM json_array_elements(v_header.channels) AS version
    CROSS JOIN LATERAL (
      (SELECT c.channel, c.seq, c.rests_on, c.record AS bytes FROM @schema.checkpoints AS c
       WHERE c.thread_id = p_thread AND c.namespace = p_namespace
         AND c.seq BETWEEN (version ->> 1)::bigint AND (version ->> 1)::bigint AND c.channel = version ->> 0
       ORDER BY c.seq LIMIT 1)
      UNION ALL
      SELECT r.channel, r.seq, r.rests_on, r.bytes FROM @schema.records AS r
      WHERE r.thread_id = p_thread AND r.namespace = p_namespace
        AND r.channel = version ->> 0 AND r.seq = (version ->> 1)::bigint
      OFFSET 0) AS r
  ), needed AS (
    SELECT * FROM newest
    UNION ALL
    SELECT base.* FROM newest
    CROSS JOIN LATERAL pg_catalog.unnest(newest.rests_on::bigint[]) AS older (seq)
    CROSS JOIN LATERAL (
      (SELECT c.channel, c.seq, c.rests_on, c.record AS bytes FROM @schema.checkpoints AS c
       WHERE c.thread_id = p_thread AND c.namespace = p_namespace
         AND c.seq BETWEEN older.seq AND older.seq AND c.channel = newest.channel
       ORDER BY c.seq LIMIT 1)
      UNION ALL
      SELECT r.channel, r.seq, r.rests_on, r.bytes FROM @schema.records AS r
      WHERE r.thread_id = p_thread AND r.namespace = p_namespace AND r.channel = newest.channel AND r.seq = older.seq
      OFFSET 0) AS base
  )
  SELECT 'record', n.channel, NULL::text, n.seq, n.rests_on, n.bytes,
    NULL::text, NULL::double precision, NULL::text, NULL::json, NULL::json, NULL::text, NULL::text, NULL::bigint, NULL::bigint
  FROM needed AS n;

  RETURN QUERY
  SELECT 'write', w.task_id, w.key, NULL::bigint, w.digest, w.bytes,
    NULL::text, NULL::double precision, NULL::text, NULL::json, NULL::json, NULL::text, NULL::text, NULL::bigint, NULL::bigint
  FROM @schema.writes AS w
  WHERE w.thread_id = p_thread AND w.namespace = p_namespace AND w.checkpoint_id = v_header.checkpoint_id
  ORDER BY w.task_id, w.key;
END $$;
`,
  },
  {
    name: '0015_threads_with_records_beside_headers',
    sql: `-- What: the functions that prune and copy, with records beside headers.
-- Why: 0014 keeps them there.
-- Breaking: yes

-- Another name: what an older version counts before it calls \`prune\` does not see these records, and would drop what they rest on.
DROP FUNCTION @schema.prune(text, text, text, text, bigint, bigint[], text[], text[], bigint[]);
CREATE FUNCTION @schema.drop_pruned(
  p_thread text, p_namespace text, p_mark text, p_new_mark text, p_up_to bigint,
  p_seqs bigint[], p_ids text[], p_channels text[], p_record_seqs bigint[]
) RETURNS @schema.pruned LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
  v_thread  @schema.threads;
  v_stream  record;
  v_needed  text[];
  v_freed   text[];
  v_key     text;
  v_dropped record;
  v_size    bigint;
  v_writes  record;
  v_report  @schema.pruned := ROW(0, 0, 0, 0)::@schema.pruned;
BEGIN
  SELECT * INTO v_thread FROM @schema.threads WHERE thread_id = p_thread FOR UPDATE;
  IF p_namespace = '[]' THEN
    SELECT v_thread.last_seq, v_thread.head_id, v_thread.prune_mark, v_thread.pruned INTO v_stream;
  ELSE
    SELECT last_seq, head_id, prune_mark, pruned INTO v_stream
    FROM @schema.streams WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;
  IF v_stream.prune_mark = p_new_mark THEN
    RETURN ROW(v_stream.pruned[1], v_stream.pruned[2], v_stream.pruned[3], v_stream.pruned[4])::@schema.pruned;
  END IF;
  IF v_thread.is_leaving IS NOT FALSE OR v_stream.prune_mark IS DISTINCT FROM p_mark THEN RETURN NULL; END IF;

  IF v_stream.last_seq > p_up_to THEN
    WITH newest AS (
      SELECT version ->> 0 AS channel, (version ->> 1)::bigint AS seq
      FROM (
        SELECT channels FROM @schema.checkpoints
        WHERE thread_id = p_thread AND namespace = p_namespace AND seq > p_up_to
        ORDER BY seq) AS c
      CROSS JOIN LATERAL json_array_elements(c.channels) AS version
    ), bases AS (
      SELECT n.channel, pg_catalog.unnest(r.rests_on::bigint[]) AS seq FROM (SELECT DISTINCT * FROM newest) AS n
      CROSS JOIN LATERAL (
        (SELECT c.rests_on FROM @schema.checkpoints AS c
         WHERE c.thread_id = p_thread AND c.namespace = p_namespace AND c.seq BETWEEN n.seq AND n.seq AND c.channel = n.channel
         ORDER BY c.seq LIMIT 1)
        UNION ALL
        SELECT r.rests_on FROM @schema.records AS r
        WHERE r.thread_id = p_thread AND r.namespace = p_namespace AND r.channel = n.channel AND r.seq = n.seq
        OFFSET 0) AS r
    )
    SELECT pg_catalog.array_agg(pg_catalog.concat(seq, '/', channel)) INTO v_needed FROM (SELECT * FROM newest UNION SELECT * FROM bases) AS needed;
  END IF;

  SELECT pg_catalog.array_agg(pg_catalog.concat(r.seq, '/', r.channel)) INTO v_freed FROM unnest(p_record_seqs, p_channels) AS r (seq, channel);

  -- One by one and by the whole key: a join might walk the stream.
  FOR i IN 1 .. pg_catalog.cardinality(p_seqs) LOOP
    CONTINUE WHEN p_ids[i] = v_stream.head_id;
    DELETE FROM @schema.checkpoints
    WHERE thread_id = p_thread AND namespace = p_namespace AND seq = p_seqs[i] AND checkpoint_id = p_ids[i]
    RETURNING octet_length(header) AS size, channel, rests_on, record INTO v_dropped;
    CONTINUE WHEN NOT FOUND;
    v_report.checkpoints := v_report.checkpoints + 1;
    v_report.bytes := v_report.bytes + v_dropped.size;
    -- Its record goes with it, or to \`records\` where others rest on it.
    v_key := pg_catalog.concat(p_seqs[i], '/', v_dropped.channel);
    IF v_dropped.channel IS NOT NULL AND v_key = ANY (v_freed) AND (v_key = ANY (v_needed)) IS NOT TRUE THEN
      v_report.records := v_report.records + 1;
      v_report.bytes := v_report.bytes + octet_length(v_dropped.record);
    ELSIF v_dropped.channel IS NOT NULL THEN
      INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
      VALUES (p_thread, p_namespace, v_dropped.channel, p_seqs[i], v_dropped.rests_on, v_dropped.record);
    END IF;
    WITH dropped AS (
      DELETE FROM @schema.writes WHERE thread_id = p_thread AND namespace = p_namespace AND checkpoint_id = p_ids[i]
      RETURNING octet_length(bytes) AS size)
    SELECT count(*) AS count, coalesce(sum(size), 0) AS size INTO v_writes FROM dropped;
    v_report.writes := v_report.writes + v_writes.count;
    v_report.bytes := v_report.bytes + v_writes.size;
  END LOOP;
  FOR i IN 1 .. pg_catalog.cardinality(p_channels) LOOP
    CONTINUE WHEN pg_catalog.concat(p_record_seqs[i], '/', p_channels[i]) = ANY (v_needed);
    DELETE FROM @schema.records
    WHERE thread_id = p_thread AND namespace = p_namespace AND channel = p_channels[i] AND seq = p_record_seqs[i]
    RETURNING octet_length(bytes) INTO v_size;
    IF NOT FOUND THEN
      -- A checkpoint that stays may hold one that it does not name.
      SELECT octet_length(record) INTO v_size FROM @schema.checkpoints
      WHERE thread_id = p_thread AND namespace = p_namespace AND seq BETWEEN p_record_seqs[i] AND p_record_seqs[i]
        AND channel = p_channels[i]
      ORDER BY seq LIMIT 1;
      CONTINUE WHEN NOT FOUND;
      UPDATE @schema.checkpoints SET channel = NULL, rests_on = NULL, record = NULL
      WHERE thread_id = p_thread AND namespace = p_namespace AND seq = p_record_seqs[i] AND channel = p_channels[i];
    END IF;
    v_report.records := v_report.records + 1;
    v_report.bytes := v_report.bytes + v_size;
  END LOOP;

  UPDATE @schema.threads SET row_count = row_count - v_report.checkpoints - v_report.records - v_report.writes
  WHERE thread_id = p_thread;
  IF p_namespace = '[]' THEN
    UPDATE @schema.threads SET prune_mark = p_new_mark,
      pruned = ARRAY[v_report.checkpoints, v_report.records, v_report.writes, v_report.bytes]
    WHERE thread_id = p_thread;
  ELSE
    UPDATE @schema.streams SET prune_mark = p_new_mark,
      pruned = ARRAY[v_report.checkpoints, v_report.records, v_report.writes, v_report.bytes]
    WHERE thread_id = p_thread AND namespace = p_namespace;
  END IF;
  RETURN v_report;
END $$;

CREATE OR REPLACE FUNCTION @schema.copy_thread(
  p_from text, p_to text, p_made_by text, p_namespace text, p_id text, p_has_end boolean
) RETURNS @schema.outcome LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
  v_outcome @schema.outcome := @schema.claim_thread(p_to, p_made_by);
  v_found   boolean;
  v_ended   boolean;
BEGIN
  -- Of the source's refusals and the target's, the source's comes first.
  PERFORM FROM @schema.threads WHERE thread_id = p_from AND origin IS NOT NULL;
  v_found := FOUND;
  IF NOT v_found OR v_outcome.result <> 'done' THEN
    IF v_outcome.result = 'done' THEN DELETE FROM @schema.threads WHERE thread_id = p_to; END IF;
    IF NOT v_found AND v_outcome.result NOT IN ('made', 'leaving') THEN v_outcome.result := 'no-thread'; END IF;
    RETURN v_outcome;
  END IF;

  WITH source AS MATERIALIZED (
    SELECT * FROM @schema.threads WHERE thread_id = p_from AND origin IS NOT NULL
  ), ending AS MATERIALIZED (
    SELECT c.namespace, c.seq, c.checkpoint_id, c.status FROM @schema.checkpoints AS c
    WHERE p_has_end AND c.thread_id = p_from AND c.namespace = p_namespace AND c.checkpoint_id = coalesce(p_id, CASE
      WHEN p_namespace = '[]' THEN (SELECT head_id FROM source)
      ELSE (SELECT head_id FROM @schema.streams WHERE thread_id = p_from AND namespace = p_namespace) END)
  ), later AS MATERIALIZED (
    SELECT c.namespace, c.seq, c.checkpoint_id, c.channel FROM @schema.checkpoints AS c
    WHERE c.thread_id = p_from AND c.namespace = p_namespace AND c.seq > (SELECT seq FROM ending)
  ), copied_checkpoints AS (
    INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
      channels, header, channel, rests_on, record)
    SELECT p_to, c.namespace, c.seq, c.checkpoint_id, c.parent_id, c.created_at, c.status, c.digest, c.tokens, c.channels,
      c.header, c.channel, c.rests_on, c.record
    FROM @schema.checkpoints AS c
    WHERE c.thread_id = p_from AND NOT EXISTS (SELECT FROM ending AS e WHERE c.namespace = e.namespace AND c.seq > e.seq)
  ), copied_records AS (
    INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
    SELECT p_to, r.namespace, r.channel, r.seq, r.rests_on, r.bytes
    FROM @schema.records AS r
    WHERE r.thread_id = p_from AND NOT EXISTS (SELECT FROM ending AS e WHERE r.namespace = e.namespace AND r.seq > e.seq)
  ), copied_writes AS (
    INSERT INTO @schema.writes (thread_id, namespace, checkpoint_id, task_id, key, digest, bytes)
    SELECT p_to, w.namespace, w.checkpoint_id, w.task_id, w.key, w.digest, w.bytes
    FROM @schema.writes AS w
    WHERE w.thread_id = p_from AND NOT EXISTS (
      SELECT FROM later AS l WHERE w.namespace = l.namespace AND w.checkpoint_id = l.checkpoint_id)
  ), copied_streams AS (
    -- The source's head keeps its count of writes; an older checkpoint has none yet.
    INSERT INTO @schema.streams (thread_id, namespace, long_namespace, last_seq, head_id, head_writes)
    SELECT p_to, s.namespace, s.long_namespace, coalesce(e.seq, s.last_seq), coalesce(e.checkpoint_id, s.head_id),
      CASE WHEN e.checkpoint_id IS NULL OR e.checkpoint_id = s.head_id THEN s.head_writes ELSE (
        SELECT count(*) FROM @schema.writes AS w
        WHERE w.thread_id = p_from AND w.namespace = s.namespace AND w.checkpoint_id = e.checkpoint_id) END
    FROM @schema.streams AS s LEFT JOIN ending AS e ON e.namespace = s.namespace
    WHERE s.thread_id = p_from
  ), copied_thread AS (
    -- The count is the source's, less what was left out, so that a missing row of the source shows in the copy too.
    UPDATE @schema.threads AS t SET
      last_seq = coalesce(e.seq, s.last_seq), head_id = coalesce(e.checkpoint_id, s.head_id),
      head_writes = CASE WHEN e.checkpoint_id IS NULL OR e.checkpoint_id = s.head_id THEN s.head_writes ELSE (
        SELECT count(*) FROM @schema.writes AS w
        WHERE w.thread_id = p_from AND w.namespace = '[]' AND w.checkpoint_id = e.checkpoint_id) END,
      origin = s.origin, status = coalesce((SELECT status FROM ending), s.status),
      created_at = s.created_at, updated_at = s.updated_at, updated_hour = s.updated_hour,
      row_count = s.row_count
        - (SELECT count(*) + count(channel) FROM later)
        - (SELECT count(*) FROM @schema.records AS r
           WHERE r.thread_id = p_from AND r.namespace = p_namespace AND r.seq > (SELECT seq FROM ending))
        - (SELECT count(*) FROM @schema.writes AS w JOIN later AS l
           ON w.thread_id = p_from AND w.namespace = l.namespace AND w.checkpoint_id = l.checkpoint_id)
    FROM source AS s LEFT JOIN ending AS e ON e.namespace = '[]'
    WHERE t.thread_id = p_to
  )
  SELECT EXISTS (SELECT FROM source), EXISTS (SELECT FROM ending) INTO v_found, v_ended;

  IF NOT v_found OR (p_has_end AND NOT v_ended) THEN
    -- What was copied goes again with the transaction: the caller rolls it back.
    RAISE EXCEPTION USING ERRCODE = 'CN404', MESSAGE = CASE WHEN v_found THEN 'no-checkpoint' ELSE 'no-thread' END;
  END IF;
  PERFORM @schema.refresh_tokens(p_to);
  RETURN v_outcome;
END $$;
`,
  },
  {
    name: '0016_commits_without_records',
    sql: `-- What: a commit without records that follows the root head is called as one with a single record is.
-- Why: it is as common where a graph's channels hold short values, which are in the header, and it went by arrays that were empty.
-- Breaking: no
--
-- \`p_channel\`, \`p_rests_on\` and \`p_record\` are NULL where there is none.

CREATE OR REPLACE PROCEDURE @schema.put_next(
  p_thread text, p_seq bigint, p_id text, p_parent text, p_created_at double precision, p_status text, p_digest text,
  p_tokens text[], p_channels json, p_origin text, p_lease text, p_consumes text[], p_header bytea,
  p_channel text, p_rests_on text, p_record bytea
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_now       double precision;
  v_ran_until double precision;
BEGIN
  -- As in \`put\`, in two forms: without a lease there is nothing to return and to judge once more.
  IF p_lease IS NULL THEN
    UPDATE @schema.threads SET
      last_seq = p_seq,
      head_id = p_id,
      status = p_status,
      updated_at = p_created_at,
      updated_hour = floor(p_created_at / 3600000::double precision),
      row_count = row_count + CASE WHEN p_channel IS NULL THEN 1 ELSE 2 END
    WHERE thread_id = p_thread AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0
      AND head_tokens OPERATOR(pg_catalog.=) p_tokens AND origin = p_origin AND NOT is_leaving AND lease_token IS NULL;
  ELSE
    v_now := @schema.clock_ms();
    UPDATE @schema.threads SET
      last_seq = p_seq,
      head_id = p_id,
      status = p_status,
      updated_at = p_created_at,
      updated_hour = floor(p_created_at / 3600000::double precision),
      row_count = row_count + CASE WHEN p_channel IS NULL THEN 1 ELSE 2 END,
      lease_ran_until = lease_expires_at,
      lease_expires_at = greatest(lease_expires_at, v_now + lease_ttl_ms)
    WHERE thread_id = p_thread AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0
      AND head_tokens OPERATOR(pg_catalog.=) p_tokens AND origin = p_origin AND NOT is_leaving
      AND lease_token = p_lease AND lease_expires_at > v_now
    RETURNING lease_ran_until INTO v_ran_until;
  END IF;
  IF NOT FOUND THEN
    CALL @schema.put(p_thread, '[]', p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels, p_origin,
      p_lease, p_consumes, NULL,
      CASE WHEN p_channel IS NULL THEN '{}'::text[] ELSE ARRAY[p_channel, p_rests_on] END,
      CASE WHEN p_channel IS NULL THEN ARRAY[octet_length(p_header)]
        ELSE ARRAY[octet_length(p_header), octet_length(p_header) + octet_length(p_record)] END,
      p_header || coalesce(p_record, ''));
    RETURN;
  END IF;
  IF p_lease IS NOT NULL AND v_ran_until <= @schema.clock_ms() THEN
    RAISE EXCEPTION 'the lease of thread % ran out meanwhile', p_thread USING ERRCODE = 'serialization_failure';
  END IF;

  -- An id that is taken fails here, and all of it with it.
  INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
    channels, header, channel, rests_on, record)
  VALUES (p_thread, '[]', p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels, p_header,
    p_channel, p_rests_on, p_record);
END $$;
`,
  },
];
