-- What: the functions that commit a checkpoint, store pending writes and read a checkpoint, with the root stream on the
--   thread's row.
-- Why: a commit that follows the root head is three statements, each on one table by one key.
-- Breaking: yes
--
-- What 0003 says of plans holds on. Of an unnamed statement each parameter takes the server and the sender some two hundredth of
-- a commit's time: so there are few. `p_bytes` are the header's and then each record's, and `p_ends` where each of them ends.
-- `p_records` are the channels of the records, and then what each rests on. `p_rest` is what few commits have: `fork`, and the
-- `long_namespace`.

DROP FUNCTION @schema.put(text, text, text, bigint, text, text, boolean, double precision, text, text, text[], json, text, text,
  text[], bytea, text[], text[], integer[], integer[], bytea);

-- Takes the place of a commit: locks the thread, judges every guard, consumes pending writes and advances the stream. NULL when
-- that is done, and the checkpoint is to be stored; else what `put` answers.
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

-- Answers `done`, or a refusal as JSON.
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
