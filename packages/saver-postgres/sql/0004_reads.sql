-- What: the function that reads one checkpoint with all that its values are made of.
-- Why: one round trip and one snapshot (a STABLE function sees the calling statement's), with its plans on the server.
-- Breaking: no
--
-- Rows of three kinds, in one shape: `header` (its own columns beside the common ones), `record` (name: the channel; text:
-- what it rests on), `write` (name: the task; key; text: the digest). Or one row of kind `lost` or `leaving`.

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
