-- What: the function that drops some checkpoints of a stream, and records that nothing needs.
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
