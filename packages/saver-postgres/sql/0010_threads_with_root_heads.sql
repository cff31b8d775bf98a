-- What: the functions that claim, copy and delete a thread, and those that find it by its metadata, with the root stream on the
--   thread's row.
-- Why: 0008 keeps it there.
-- Breaking: yes

-- Locks an id for a thread that is about to be made, or says why none may be: `exists`, `busy`, `leaving`; `made` when the
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
