-- What: the functions that prune and copy, with records beside headers.
-- Why: 0014 keeps them there.
-- Breaking: yes

-- Another name: what an older version counts before it calls `prune` does not see these records, and would drop what they rest on.
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
    -- Its record goes with it, or to `records` where others rest on it.
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
