-- What: a commit is a call of a procedure; one that follows the root head with one changed record has a procedure of its own.
-- Why: a call that answers nothing is neither planned nor run as a query is, and its answer need not be described, sent and parsed: a
--   twentieth of a commit. The commonest commit needs no arrays and nothing cut out of its bytes: as much again.
-- Breaking: yes
--
-- A refusal is an error CN409, with what `refusal` says of it as the DETAIL. It undoes what the commit has done.

DROP FUNCTION @schema.put(text, text, bigint, text, text, double precision, text, text, text[], json, text, text, text[], json,
  text[], integer[], bytea);

-- Any commit. `p_bytes`, `p_ends`, `p_records` and `p_rest` are as 0009 describes them.
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

  -- One statement for both rows. An id that is taken fails here, and all of it with it.
  WITH header AS (
    INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
      channels, bytes)
    VALUES (p_thread, '[]', p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels, p_header)
  )
  INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
  VALUES (p_thread, '[]', p_channel, p_seq, p_rests_on, p_record);
END $$;
