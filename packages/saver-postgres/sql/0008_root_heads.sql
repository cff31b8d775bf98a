-- What: a thread's root stream is kept on the thread's own row; `streams` holds those of its sub-graphs.
-- Why: a commit locks and changes that row anyway: with the head on it, one UPDATE judges every guard and advances the head.
-- Breaking: yes
--
-- An older version would look for the root stream in `streams`, where the constraint keeps it from storing one.

-- `last_seq`, `head_id`, `head_writes`, `prune_mark` and `pruned` are the root stream's, as `streams` has them; `last_seq` and
-- `head_id` are NULL where there is none. A row may hold one without a thread: what is left of a damaged one. `head_tokens`
-- are the head's, as they stand in `tokens`.
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
