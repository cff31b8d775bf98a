-- What: a commit's record is kept in the checkpoint's own row where it is the only one.
-- Why: the commonest commit is then one row of each table that it touches: a tenth less work for the server, and less room.
-- Breaking: yes
--
-- Both places are good for a record: what was stored before stays where it is, and so does what is restored. Where a prune drops the
-- checkpoint of a record that others rest on, the record goes to `records`.
--
-- A process of an older version that goes on would not find these records. It is made to fail before it has written anything: where it
-- lists, scans, restores or replaces by the name of the header's column, and where it prunes by that of the function (0015).
ALTER TABLE @schema.checkpoints RENAME COLUMN bytes TO header;

-- `channel`, `rests_on` and `record` are as `records` has them, the seq being the checkpoint's; NULL where there is none, or several.
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
  -- As in `put`, in two forms: without a lease there is nothing to return and to judge once more.
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
