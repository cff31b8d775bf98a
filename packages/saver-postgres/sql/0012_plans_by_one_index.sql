-- What: a row is looked up by the one index that leads to it, and what a prune drops in a function.
-- Why: `checkpoints` has two keys that begin with the same columns, and sorting the one row that is left costs nothing: where the
--   server had not looked at the table yet, or most threads have one checkpoint, and the tree of the places was a level lower than that
--   of the ids, each read by an id walked the whole stream. From PostgreSQL 18 on an index serves also where its first column is not
--   compared: then a thread's row was looked for status by status, and its tokens token by token.
-- Breaking: no
--
-- `BETWEEN id AND id ORDER BY id LIMIT 1` is answered in order by one index alone: without sorting there is no other plan. The same
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
