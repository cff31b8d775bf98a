-- What: the functions that commit a checkpoint and store pending writes.
-- Why: a commit is one round trip, its plans stay on the server, and its guards are evaluated after the lock.
-- Breaking: no
--
-- Nothing is changed before the last guard has passed. The bytes of several rows come as one value with the length of
-- each: an array of bytea would be sent as text, twice as long, and parsed.
--
-- Plans are kept from when the tables were empty, and all indexes looked alike: a statement must leave no choice. So each
-- names one table and compares whole keys with parameters, and a checkpoint is looked up by its seq and id together, or by
-- `BETWEEN id AND id ORDER BY id LIMIT 1`, which one index alone can answer in order. (`checkpoint_id = id` was seen to walk
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

-- Answers `done`, or a refusal as JSON.
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

-- Answers as `put` does.
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
