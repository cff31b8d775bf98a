-- What: a commit without records that follows the root head is called as one with a single record is.
-- Why: it is as common where a graph's channels hold short values, which are in the header, and it went by arrays that were empty.
-- Breaking: no
--
-- `p_channel`, `p_rests_on` and `p_record` are NULL where there is none.

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
      row_count = row_count + CASE WHEN p_channel IS NULL THEN 1 ELSE 2 END
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
      row_count = row_count + CASE WHEN p_channel IS NULL THEN 1 ELSE 2 END,
      lease_ran_until = lease_expires_at,
      lease_expires_at = greatest(lease_expires_at, v_now + lease_ttl_ms)
    WHERE thread_id = p_thread AND last_seq = p_seq - 1 AND head_id = p_parent AND head_writes = 0
      AND head_tokens OPERATOR(pg_catalog.=) p_tokens AND origin = p_origin AND NOT is_leaving
      AND lease_token = p_lease AND lease_expires_at > v_now
    RETURNING lease_ran_until INTO v_ran_until;
  END IF;
  IF NOT FOUND THEN
    CALL @schema.put(p_thread, '[]', p_seq, p_id, p_parent, p_created_at, p_status, p_digest, p_tokens, p_channels, p_origin,
      p_lease, p_consumes, NULL,
      CASE WHEN p_channel IS NULL THEN '{}'::text[] ELSE ARRAY[p_channel, p_rests_on] END,
      CASE WHEN p_channel IS NULL THEN ARRAY[octet_length(p_header)]
        ELSE ARRAY[octet_length(p_header), octet_length(p_header) + octet_length(p_record)] END,
      p_header || coalesce(p_record, ''));
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
